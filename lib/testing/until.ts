import { setImmediate as turn } from 'node:timers/promises';
import { requirePositiveMs } from '../base/errors/numbers.js';
import { readOptions } from '../base/errors/options.js';
import { SignalError } from '../base/errors/SignalError.js';
import { toName, toNumber, type SignalName } from '../base/signal/names.js';
import { describe } from './describe.js';
import {
  ended,
  isEnded,
  letterOf,
  pidOf,
  readState,
  type ProcessState,
  type Target,
} from './target.js';

/** How long to wait, in ms, before the test fails. */
export interface WaitOptions {
  /** After so many ms the wait fails and says what it saw; 4,000 by default. */
  timeoutMs?: number;
}

/** Below the 5 s after which jest and vitest end a test without a word about what it waited for. */
const PATIENCE_MS = 4_000;

/** @internal @throws ERR_INVALID_ARG */
export function patience(timeoutMs = PATIENCE_MS): number {
  return requirePositiveMs('options.timeoutMs', timeoutMs);
}

/** @internal @throws ERR_INVALID_ARG */
export function patienceOf(options: unknown, otherwise?: number): number {
  const { timeoutMs = otherwise } = readOptions(options, { timeoutMs: 'number' }) as WaitOptions;
  return patience(timeoutMs);
}

/**
 * Looks in each turn of the event loop until `done`: the kernel tells nobody of changes in /proc. May
 * be called from any thread.
 * Sources: proc(5).
 * @param what for the error: "the child to be ready"; a function is called only then
 * @throws ERR_TIMEOUT, ERR_INVALID_ARG, and what `done` does
 */
export async function until(
  done: () => boolean,
  what: string | (() => string),
  options?: WaitOptions,
): Promise<void> {
  const timeoutMs = patienceOf(options);
  const deadline = performance.now() + timeoutMs;
  while (!done()) {
    if (performance.now() > deadline) {
      const text = typeof what === 'string' ? what : what();
      throw new SignalError('ERR_TIMEOUT', `Waited ${timeoutMs} ms in vain for ${text}`);
    }
    await turn();
  }
}

/**
 * The process ignores the signal. May be called from any thread.
 * Sources: proc_pid_status(5).
 * @throws ERR_TIMEOUT, ERR_NO_SUCH_PROCESS (it has ended), and as `readProcess`
 */
export async function untilIgnored(
  target: Target,
  signal: SignalName | number,
  options?: WaitOptions,
): Promise<void> {
  const name = toName(toNumber(signal));
  await untilSeen(target, ({ ignored }) => ignored.includes(name), `ignore ${name}`, options);
}

/**
 * The process has a handler for the signal. Errors as {@link untilIgnored}. May be called from any
 * thread.
 * Sources: as untilIgnored.
 */
export async function untilCaught(
  target: Target,
  signal: SignalName | number,
  options?: WaitOptions,
): Promise<void> {
  const name = toName(toNumber(signal));
  await untilSeen(target, ({ caught }) => caught.includes(name), `catch ${name}`, options);
}

/**
 * The thread blocks the signal; the main thread where no `tid` is given. Errors as {@link untilIgnored}.
 * Sources: as untilIgnored.
 */
export async function untilBlocked(
  target: Target,
  signal: SignalName | number,
  options: WaitOptions & { tid?: number } = {},
): Promise<void> {
  const name = toName(toNumber(signal));
  const { tid } = options;
  const where = tid === undefined ? '' : ` in thread ${tid}`;
  await untilSeen(target, (state) => blocks(state, name, tid), `block ${name}${where}`, options);
}

/**
 * The signal is pending, for the process or for one of its threads. Errors as {@link untilIgnored}.
 * Sources: as untilIgnored.
 */
export async function untilPending(
  target: Target,
  signal: SignalName | number,
  options?: WaitOptions,
): Promise<void> {
  const name = toName(toNumber(signal));
  await untilSeen(target, (state) => isPending(state, name), `have ${name} pending`, options);
}

/**
 * The main thread is in one of these states, as in proc_pid_stat(5): `'S'` sleeping, `'T'` stopped,
 * `'Z'` ended and not reaped, …
 * Errors as {@link untilIgnored}.
 */
export async function untilState(
  target: Target,
  states: string | readonly string[],
  options?: WaitOptions,
): Promise<void> {
  const pid = pidOf(target);
  const wanted = typeof states === 'string' ? [states] : states;
  let seen = '';
  await until(
    () => {
      seen = letterOf(pid);
      if (isEnded(seen) && !wanted.includes(seen)) throw ended(pid);
      return wanted.includes(seen);
    },
    () => `process ${pid} to be in the state ${wanted.join(' or ')}; it is in ${seen}`,
    options,
  );
}

/**
 * The process has ended; it may not have been reaped yet. May be called from any thread.
 * Sources: proc_pid_stat(5).
 * @throws ERR_TIMEOUT
 */
export async function untilEnded(target: Target, options?: WaitOptions): Promise<void> {
  const pid = pidOf(target);
  const gone = (): boolean => isEnded(letterOf(pid));
  await until(gone, () => `process ${pid} to end\n${describe(readState(pid))}`, options);
}

/** @internal */
export function blocks({ pid, threads }: ProcessState, name: string, tid = pid): boolean {
  return threads.some((thread) => thread.tid === tid && thread.blocked.includes(name));
}

/** @internal */
export function isPending({ shared, threads }: ProcessState, name: string): boolean {
  return [shared, ...threads].some(({ pending }) => pending.includes(name));
}

async function untilSeen(
  target: Target,
  holds: (state: ProcessState) => boolean,
  what: string,
  options: WaitOptions | undefined,
): Promise<void> {
  const pid = pidOf(target);
  let seen: ProcessState | undefined;
  await until(
    () => holds((seen = readState(pid))),
    () => `process ${pid} to ${what}\n${seen === undefined ? String(ended(pid)) : describe(seen)}`,
    options,
  );
}
