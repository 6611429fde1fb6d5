// Who has sent a signal. The kernel's record names the thread that was running; whether that one meant it
// follows from the code: sigaction(2), "si_code".
import { toName } from '../../base/signal/names.js';

const SI_KERNEL = 128;
const SYS_SECCOMP = 1;
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

/** Sent by send_sig() in the kernel, to whoever runs: without it no program can send `SI_USER` to a thread. */
const BY_OWN_CALL: Record<string, string> = {
  SIGPIPE: 'writes where nobody reads any more',
  SIGXFSZ: 'its limit of the size of files',
};

/** @internal */
export interface Sending {
  number: number;
  code: number;
  /** For the whole process, not for one thread. */
  group: boolean;
  /** The running thread is of the process that gets it. */
  own: boolean;
}

/** @internal Whether the running thread is the sender. */
export function isSentByRunning(sending: Sending): boolean {
  const { number, code } = sending;
  if (BY_CHANCE.has(code) || byOwnCall(sending) !== null) return false;
  // A child tells its parent; all other positive codes are faults, limits and files of the process itself.
  return code <= 0 || toName(number) === 'SIGCHLD';
}

/** @internal Why the kernel sent it, where that is certain. */
export function reasonOf(sending: Sending): string | null {
  const { number, code } = sending;
  const name = toName(number);
  if (code === SI_KERNEL) return BY_KERNEL[name] ?? null;
  if (code === SI_TIMER) return 'a timer of its own';
  if (code === SI_ASYNCIO || code === SI_SIGIO || code === SI_ASYNCNL) return 'input and output';
  if (code === SYS_SECCOMP && name === 'SIGSYS') return 'a system call that seccomp forbids it';
  return code > 0 && ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGSYS'].includes(name)
    ? 'a fault of its own'
    : byOwnCall(sending);
}

function byOwnCall({ number, code, group, own }: Sending): string | null {
  return code === 0 && !group && own ? (BY_OWN_CALL[toName(number)] ?? null) : null;
}
