import { readFileSync } from 'node:fs';
import { invalidArg, SignalError } from '../base/errors/SignalError.js';
import { readProcess, type ProcessSignals } from '../core/look/process.js';
import { readStatus } from '../core/look/status.js';

/** A process: its id, or whatever has one, such as a `ChildProcess` or `process` itself. */
export type Target = number | { readonly pid?: number | undefined };

/** How a process stands to signals, and what it is doing. */
export interface ProcessState extends ProcessSignals {
  /** The main thread's, as in proc_pid_stat(5): `'R'`, `'S'`, `'D'`, `'T'` (stopped), `'Z'`, … */
  state: string;
}

/** @throws ERR_INVALID_ARG */
export function pidOf(target: Target): number {
  const pid: unknown =
    typeof target === 'number' ? target : (target as { pid?: unknown } | null)?.pid;
  if (typeof pid === 'number' && Number.isInteger(pid) && pid > 0) return pid;
  throw invalidArg('process', target, 'a process id, or what has one as its pid');
}

/** @throws as `readProcess`; ERR_NO_SUCH_PROCESS also for one that has ended and is not reaped yet */
export function readState(target: Target): ProcessState {
  const pid = pidOf(target);
  const state = letterOf(pid);
  if (isEnded(state)) throw ended(pid);
  return { ...readProcess(pid), state };
}

/** The main thread's state; `'X'` where there is no such process. */
export function letterOf(pid: number): string {
  try {
    return readStatus(`/proc/${pid}`).text('State').slice(0, 1);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return 'X';
    throw error;
  }
}

/** A zombie, or nothing at all. */
export function isEnded(state: string): boolean {
  return state === 'Z' || state === 'X';
}

/** The command line, words ended by NUL; empty for a process that has ended. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

export function ended(pid: number): SignalError {
  return new SignalError('ERR_NO_SUCH_PROCESS', `There is no process ${pid}, or none any more.`);
}
