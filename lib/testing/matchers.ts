import { toName, toNumber, type SignalName } from '../base/signal/names.js';
import { describe } from './describe.js';
import type { Exit } from '../core/children/deaths.js';
import { exitOf, type Mortal } from './exit.js';
import { readState, type ProcessState, type Target } from './target.js';
import { blocks, isPending, patienceOf, type WaitOptions } from './until.js';

/** What `expect.extend(signalMatchers)` adds to `expect(process)`. */
export interface SignalMatchers<R = void> {
  /** The process ignores the signal now. */
  toIgnore(signal: SignalName | number): R;
  /** The process has a handler for the signal now. */
  toCatch(signal: SignalName | number): R;
  /** The process's main thread blocks the signal now. */
  toBlock(signal: SignalName | number): R;
  /** The signal waits now, for the process or for one of its threads. */
  toHavePending(signal: SignalName | number): R;
  /** The child ends, and by this signal. Await it: it waits for the end, up to `timeoutMs`. */
  toDieBySignal(signal: SignalName | number, options?: WaitOptions): Promise<R>;
}

interface Verdict {
  pass: boolean;
  message: () => string;
}

/** What jest and vitest both give to a matcher. */
interface MatcherContext {
  readonly isNot?: boolean;
}

type StateMatcher = (
  this: MatcherContext,
  received: Target,
  signal: SignalName | number,
) => Verdict;

/** For jest and vitest: `expect.extend(signalMatchers)`. Their messages show the whole state. */
export const signalMatchers: {
  /** The process ignores the signal now. */
  toIgnore: StateMatcher;
  /** The process has a handler for the signal now. */
  toCatch: StateMatcher;
  /** The process's main thread blocks the signal now. */
  toBlock: StateMatcher;
  /** The signal waits now, for the process or for one of its threads. */
  toHavePending: StateMatcher;
  /** Waits for the end, and for this signal as its cause. */
  toDieBySignal: (
    this: MatcherContext,
    received: Mortal,
    signal: SignalName | number,
    options?: WaitOptions,
  ) => Promise<Verdict>;
} = {
  toIgnore: stateMatcher('toIgnore', 'ignore', ({ ignored }, name) => ignored.includes(name)),
  toCatch: stateMatcher('toCatch', 'catch', ({ caught }, name) => caught.includes(name)),
  toBlock: stateMatcher('toBlock', 'block', (state, name) => blocks(state, name)),
  toHavePending: stateMatcher('toHavePending', 'have pending', isPending),
  toDieBySignal,
};

function stateMatcher(
  matcher: string,
  what: string,
  holds: (state: ProcessState, name: string) => boolean,
): StateMatcher {
  return function (received, signal) {
    const name = toName(toNumber(signal));
    const state = readState(received);
    return {
      pass: holds(state, name),
      message: () =>
        [
          headOf(this, matcher, name),
          `Expected process ${state.pid} ${this.isNot === true ? 'not ' : ''}to ${what} ${name}; it is`,
          describe(state),
        ].join('\n\n'),
    };
  };
}

async function toDieBySignal(
  this: MatcherContext,
  received: Mortal,
  signal: SignalName | number,
  options?: WaitOptions,
): Promise<Verdict> {
  const name = toName(toNumber(signal));
  const timeoutMs = patienceOf(options);
  const { pass, end } = await exitOf(received, timeoutMs).then(
    (exit) => ({ pass: exit.signal === name, end: `it ${endOf(exit)}` }),
    (error: unknown) => ({ pass: false, end: (error as Error).message }),
  );
  const { pid } = received;
  const who = pid === undefined ? 'the process' : `process ${pid}`;
  return {
    pass,
    message: () =>
      [
        headOf(this, 'toDieBySignal', name),
        `Expected ${who} ${this.isNot === true ? 'not ' : ''}to die by ${name}; ${end}`,
      ].join('\n\n'),
  };
}

function endOf({ code, signal }: Exit): string {
  return signal === null ? `ended by itself, with exit code ${String(code)}` : `died by ${signal}`;
}

function headOf({ isNot }: MatcherContext, matcher: string, name: string): string {
  return `expect(process).${isNot === true ? 'not.' : ''}${matcher}('${name}')`;
}
