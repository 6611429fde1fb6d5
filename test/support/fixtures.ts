import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';

import { onTestEnd } from './cleanup';
import { guarded } from './guard';
import { killQuietly } from './kill';

const FOLDER = path.join(__dirname, '../fixtures/build/Release');

/** One call of a foreign handler; `code` to `value` are 0 where it was given no siginfo. */
export interface ForeignCall {
  /** 1, or 3 for a handler with `SA_SIGINFO`. */
  arguments: 1 | 3;
  signo: number;
  code: number;
  pid: number;
  uid: number;
  value: number;
  /** The thread that ran the handler. */
  tid: number;
  /** What that thread blocked while the handler ran; bit n-1 is signal n. */
  mask: bigint;
  /** ns, `CLOCK_MONOTONIC`. */
  at: bigint;
}

/** A C library with a signal handler of its own: test/fixtures/foreign.c. */
export interface Foreign {
  install(signo: number, how: { siginfo: boolean; flags?: number; mask?: number[] }): void;
  /** Puts back what stood before `install`. */
  uninstall(signo: number): void;
  /** `history` holds the last 64 calls, the oldest first. */
  read(signo: number): { calls: number; installed: boolean; history: ForeignCall[] };
}

/** A C library that calls whoever stood before it, and spoils errno: test/fixtures/chaining.c. */
export interface Chaining {
  install(signo: number): void;
  /** Puts back what stood before `install`. */
  uninstall(signo: number): void;
  /** How often its handler was called. */
  count(signo: number): number;
  /** Raises the signal; whether errno is the same afterwards. */
  errnoAcross(signo: number): boolean;
}

/** A disposition as the kernel holds it; addresses in hexadecimal, the mask's bit n-1 is signal n. */
export interface RawAction {
  handler: string;
  flags: number;
  mask: bigint;
  restorer: string;
}

/** System calls that Node does not offer: test/fixtures/raw.c. */
export interface Raw {
  current(signo: number): RawAction;
  ignoreSignal(signo: number): void;
  setDefault(signo: number): void;
  /** The calling thread's mask; `block` and `unblock` give back the one before. */
  mask(): bigint;
  block(signals: number[]): bigint;
  unblock(signals: number[]): bigint;
  tid(): number;
  sendThread(tid: number, signo: number): void;
  /** A plain pthread with the caller's mask, changed as asked, which waits until `endThread`. */
  startThread(mask: { block?: number[]; unblock?: number[] }): number;
  endThread(tid: number): void;
  /** Sends a signal to this process when its environment ends, after what is loaded later was taken down. */
  killAtEnd(signo: number): void;
  /** `execv(3)`: this process becomes another program. Throws if it cannot. */
  execTo(path: string, argv: string[]): void;
}

/** A foreign addon with `uv_signal_t` watchers of its own: test/fixtures/uvwatch.c. */
export interface UvWatch {
  startWatch(signo: number, options?: { oneshot: boolean }): void;
  stopWatch(signo: number): void;
  count(signo: number): number;
  /** On a loop of its own, which a thread of its own runs; one in the process. */
  startThread(signo: number): void;
  stopThread(): void;
  threadCount(): number;
}

/** An addon that finds libuv's functions at run time: test/fixtures/lateuv.c. One in the process. */
export interface LateUv {
  /** Watches on a loop of its own, which a thread of its own runs; by the runtime's libuv, or another. */
  start(signo: number, library?: string): void;
  stop(): void;
  count(): number;
}

/** One call of a newcomer's handler. */
export interface NewcomerCall {
  /** The first 48 bytes of its siginfo, in hexadecimal: all that Linux fills. */
  info: string;
  /** `uc_sigmask` of its third argument. */
  contextMask: bigint;
  /** Whether the ucontext's stack pointer lies on this thread's stack (x86-64; elsewhere true). */
  contextValid: boolean;
  /** What the thread blocked while the handler ran. */
  mask: bigint;
  errno: number;
  tid: number;
  /** ns, `CLOCK_MONOTONIC`. */
  at: bigint;
}

/** A C library that sets its handler over whoever stands there: test/fixtures/newcomer.c. */
export interface Newcomer {
  install(
    signo: number,
    how?: {
      flags?: number;
      mask?: number[];
      /** What it does with the action that it found there. */
      next?:
        | 'nobody'
        | 'as-taken'
        | 'one-argument'
        | 'send-again'
        | 'leave-kill'
        | 'leave-raise'
        | 'leave-queue';
    },
  ): void;
  uninstall(signo: number): void;
  /** From outside of its handler: puts back what it found, sends the signal, installs itself again. */
  sendAgain(signo: number): void;
  /** All calls so far, at most 16, the oldest first. */
  calls(signo: number): NewcomerCall[];
  /** Reads address 0, to be called with a handler that jumps over the fault: gives 1 if it did. */
  fault(): number;
}

/** A C library whose handler does not simply return: test/fixtures/unruly.c. */
export interface Unruly {
  install(
    signo: number,
    how:
      'jump' | 'end-thread' | 'raise-again' | 'arm-again' | 'call-found' | 'look-at-stack' | 'fork',
  ): void;
  calls(): number;
  /** On this thread. `further`: how often the handler raises it once more. True: it has jumped. */
  raise(signo: number, further?: number): boolean;
  /** Writes to address 0. True: the handler has jumped over that. */
  fault(): boolean;
  /** On a thread of its own. True: that ended it. */
  raiseInThread(signo: number): boolean;
  /** On a thread with an alternate stack. How many calls so far ran on such a one. */
  raiseBesideStack(signo: number): number;
  /** In a vfork child; as waitpid(2) tells how that ended. */
  raiseInVfork(signo: number): number;
  /** Sends it to this thread so often, from another: the next when the handler is done with the last. */
  pester(signo: number, times: number): void;
  isPestering(): boolean;
  /** How many children of the handler that forks have died of the SIGHUP that each sends to itself. */
  ended(): number;
}

/** A C library that stops a thread of its own by a signal: test/fixtures/collector.c. */
export interface Collector {
  /** The thread's id. */
  start(signo: number): number;
  /** Whether the thread has taken it within so many milliseconds. */
  stop(signo: number, ms: number): boolean;
  /** Whether the thread blocks every signal from now on. */
  setDeaf(deaf: boolean): void;
  end(): void;
}

/** A C library whose handler looks for the code that it has interrupted: test/fixtures/unwind.c. */
export interface Unwind {
  install(signo: number): void;
  /** To this thread. How often the code that has sent it is found among the frames. */
  send(signo: number): number;
}

/** The addons that a scenario gets by `fixture(name)`. */
export interface Fixtures {
  foreign_a: Foreign;
  foreign_b: Foreign;
  chaining: Chaining;
  collector: Collector;
  lateuv: LateUv;
  /** The same, which spells none of their names. */
  nameduv: LateUv;
  newcomer_a: Newcomer;
  newcomer_b: Newcomer;
  newcomer_c: Newcomer;
  raw: Raw;
  unruly: Unruly;
  unwind: Unwind;
  uvwatch: UvWatch;
}

/** The path of a built fixture: `'flood'`, `'foreign_a.node'`. */
export function fixturePath(name: string): string {
  return path.join(FOLDER, name);
}

export interface FloodOptions {
  /** The first number; the others follow. Default 0. */
  first?: number;
  /** Count what the kernel refuses instead of sending it again. */
  allAtOnce?: boolean;
  /** One more signal in the midst of them, such as `{ signal: 'SIGTERM', after: 500 }`. */
  mix?: { signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | number; after: number };
}

export interface FloodResult {
  sent: number;
  /** How often the queue was full and the same number was tried again. */
  retries: number;
  /** With `allAtOnce`: how many the kernel did not take. */
  refused: number;
}

/** Sends `count` numbered signals to `pid` from a C program of its own. */
export async function flood(
  pid: number,
  signo: number,
  count: number,
  { first = 0, allAtOnce = false, mix }: FloodOptions = {},
): Promise<FloodResult> {
  const argv = [pid, signo, count, first].map(String);
  if (allAtOnce) argv.push('--all-at-once');
  if (mix) argv.push('--mix', `${String(mix.signal)}@${String(mix.after)}`);
  const { stdout } = await promisify(execFile)(fixturePath('flood'), argv);
  return JSON.parse(stdout) as FloodResult;
}

export interface Received {
  received: number;
  /** How often a number did not follow the one before. */
  inversions: number;
  first: number;
  last: number;
}

/** A C program that takes what `flood` sends; with `hold`, only at the end, from a queue so long. */
export async function receiver(
  signo: number,
  { hold }: { hold?: number } = {},
): Promise<{ pid: number; end(): Promise<Received> }> {
  const argv = [String(signo), ...(hold === undefined ? [] : ['--hold', String(hold)])];
  const child = spawn(fixturePath('receiver'), argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  onTestEnd(() => {
    killQuietly(pid);
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const closed = once(child, 'close');
  await guarded(once(child.stdout, 'data'), () => 'the receiver to be ready');
  return {
    pid,
    async end() {
      child.kill('SIGTERM');
      await guarded(closed, () => 'the receiver to end');
      return JSON.parse(text.replace('ready\n', '')) as Received;
    },
  };
}
