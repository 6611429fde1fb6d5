import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { invalidArg, SignalError, unsupported } from '../../base/errors/SignalError.js';
import { loadAddon } from '../../base/native/load.js';
import { systemError } from '../../base/errors/system.js';
import { readStatus } from './status.js';

/** How a process stands to signals. All sets hold names in the order of their numbers. */
export interface ProcessSignals {
  /** The process's id. */
  pid: number;
  /** The command line; the name in brackets for a kernel thread or a zombie, which have none. */
  command: string;
  /** Set to `SIG_IGN`, for all threads. */
  ignored: string[];
  /** Have a handler, for all threads. */
  caught: string[];
  /** Signals queued for all processes of its real user; `limit` may be `Infinity` (JSON: `null`). */
  queue: {
    /** How many there are. */
    used: number;
    /** How many there may be: `RLIMIT_SIGPENDING`. */
    limit: number;
  };
  /** Waiting for any thread of the process that will take them. */
  shared: {
    /** Their names. */
    pending: string[];
  };
  /** By thread id; the main thread's is the pid. */
  threads: ThreadSignals[];
}

/** What each thread has for itself. */
export interface ThreadSignals {
  /** The thread's id, as gettid(2) has it; that of the main thread is the pid. */
  tid: number;
  /** As the kernel shows it: at most 15 bytes, newlines and backslashes escaped. */
  name: string;
  /** The signals that the thread blocks. */
  blocked: string[];
  /** Sent to this thread alone, and waiting. */
  pending: string[];
}

/**
 * Another process, or one's own, as its /proc entry shows it: proc_pid_status(5). Changes nothing
 * and asks nothing of that process, which runs on meanwhile: threads that end while being read are
 * left out. The C library's own signals are named too, as `'SIG32'`, `'SIG33'`.
 *
 * May be called from any thread. Linux only.
 * @throws ERR_NO_SUCH_PROCESS, ERR_PERMISSION, ERR_INVALID_ARG, ERR_UNSUPPORTED (no /proc)
 */
export function readProcess(pid: number = process.pid): ProcessSignals {
  if (!isPid(pid)) throw invalidArg('pid', pid, 'a process id, which is a positive integer');
  try {
    return read(pid);
  } catch (error) {
    throw translate(error, pid);
  }
}

function isPid(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 0x7fffffff;
}

function read(pid: number): ProcessSignals {
  // Where /proc shows another pid namespace, one's own number means somebody else there.
  const own = pid === process.pid;
  if (own) settle();
  const folder = `/proc/${own ? 'self' : String(pid)}`;
  const status = readStatus(folder);
  return {
    pid,
    command: readCommand(folder) || `[${status.text('Name')}]`,
    ignored: status.set('SigIgn'),
    caught: status.set('SigCgt'),
    queue: parseQueue(status.text('SigQ')),
    shared: { pending: status.set('ShdPnd') },
    threads: readThreads(`${folder}/task`, pid),
  };
}

// What the last close() has left to the next turn is done first, as `inspect` has it.
function settle(): void {
  const addon = loadAddon();
  if (!(addon instanceof Error)) addon.settle();
}

function readThreads(folder: string, pid: number): ThreadSignals[] {
  const threads: ThreadSignals[] = [];
  for (const tid of readdirSync(folder)) {
    try {
      const status = readStatus(`${folder}/${tid}`);
      threads.push({
        tid: Number(tid),
        name: status.text('Name'),
        blocked: status.set('SigBlk'),
        pending: status.set('SigPnd'),
      });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  // The main one first: ids begin again at the low end once they have been used up.
  const rank = (tid: number): number => (tid === pid ? 0 : tid);
  return threads.sort((a, b) => rank(a.tid) - rank(b.tid));
}

function readCommand(folder: string): string {
  return readFileSync(`${folder}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
}

function parseQueue(text: string): ProcessSignals['queue'] {
  const [used = 0, limit = 0] = text.split('/').map(Number);
  // RLIM_INFINITY is printed as the largest unsigned long.
  return { used, limit: limit > Number.MAX_SAFE_INTEGER ? Infinity : limit };
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH';
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function translate(error: unknown, pid: number): unknown {
  const { code, errno, syscall = 'open' } = error as NodeJS.ErrnoException;
  if (isGone(error)) {
    if (!existsSync('/proc/self/status')) {
      return unsupported('Reading a process', 'there is no /proc', error);
    }
    // It is there, but /proc hides it: proc(5), hidepid.
    const refusal = isThere(pid) ? constants.errno.EACCES : constants.errno.ESRCH;
    return systemError(refusal, syscall, { pid, cause: error });
  }
  if (code === 'ERR_ACCESS_DENIED') {
    const message =
      'Reading a process is not permitted: node --permission was given no --allow-fs-read=/proc.';
    return new SignalError('ERR_PERMISSION', message, { cause: error });
  }
  if (errno !== undefined && (code === 'EACCES' || code === 'EPERM')) {
    return systemError(errno, syscall, { pid, cause: error });
  }
  return error;
}
