// Who has sent a signal. The kernel's record names the thread that was running; whether that one meant it
// follows from the code: sigaction(2), "si_code".
import { toName } from '../../base/signal/names.js';

const SI_KERNEL = 128;
const [SI_TIMER, SI_ASYNCIO, SI_SIGIO, SI_ASYNCNL] = [-2, -4, -5, -60];

/** Whose `current` is whoever happened to run. */
const BY_CHANCE = new Set([SI_KERNEL, SI_TIMER, SI_ASYNCIO, SI_SIGIO, SI_ASYNCNL]);

const NAMES: Record<number, string> = {
  0: 'SI_USER',
  [SI_KERNEL]: 'SI_KERNEL',
  '-1': 'SI_QUEUE',
  [SI_TIMER]: 'SI_TIMER',
  '-3': 'SI_MESGQ',
  [SI_ASYNCIO]: 'SI_ASYNCIO',
  [SI_SIGIO]: 'SI_SIGIO',
  '-6': 'SI_TKILL',
  [SI_ASYNCNL]: 'SI_ASYNCNL',
};

const CHILD = [
  'CLD_EXITED',
  'CLD_KILLED',
  'CLD_DUMPED',
  'CLD_TRAPPED',
  'CLD_STOPPED',
  'CLD_CONTINUED',
];
export const [CLD_EXITED, CLD_KILLED, CLD_DUMPED] = [1, 2, 3];

/** What the kernel alone sends so, and why. */
const BY_KERNEL: Record<string, string> = {
  SIGINT: 'a key on the terminal',
  SIGQUIT: 'a key on the terminal',
  SIGTSTP: 'a key on the terminal',
  SIGWINCH: 'the terminal has another size',
  SIGHUP: 'the terminal is gone, or its session has ended',
  SIGCONT: 'the terminal is gone, or its session has ended',
  SIGTTIN: 'reads the terminal from the background',
  SIGTTOU: 'writes to the terminal from the background',
  SIGALRM: 'its timer',
  SIGVTALRM: 'its timer',
  SIGPROF: 'its timer',
  SIGXCPU: 'its limit of processor time',
};

/** @internal */
export function codeName(signal: number, code: number): string {
  const name = NAMES[code];
  if (name !== undefined) return name;
  return (toName(signal) === 'SIGCHLD' ? CHILD[code - 1] : undefined) ?? `code ${code}`;
}

/** @internal Whether the running thread is the sender. */
export function isSentByRunning(signal: number, code: number): boolean {
  if (BY_CHANCE.has(code)) return false;
  // A child tells its parent; all other positive codes are faults, limits and files of the process itself.
  return code <= 0 || toName(signal) === 'SIGCHLD';
}

/** @internal Why the kernel sent it, where that is certain. */
export function reasonOf(signal: number, code: number): string | null {
  const name = toName(signal);
  if (code === SI_KERNEL) return BY_KERNEL[name] ?? null;
  if (code === SI_TIMER) return 'a timer of its own';
  if (code === SI_ASYNCIO || code === SI_SIGIO || code === SI_ASYNCNL) return 'input and output';
  return code > 0 && ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS'].includes(name)
    ? 'a fault of its own'
    : null;
}
