import { readOptions } from '../../base/errors/options.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import { systemError } from '../../base/errors/system.js';
import { readProcess } from '../look/process.js';
import { addon } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { toName, toNumber, type SignalName } from '../../base/signal/names.js';

/** What goes along with a signal. */
export interface SendOptions {
  /** Queued with the signal, for a receiver that reads siginfo: a 32-bit integer. */
  value?: number;
}

const LARGEST_PID = 0x7fffffff;

/**
 * Sends a signal to a process: kill(2), or sigqueue(3) with a value. May be called from any thread.
 * @throws ERR_NO_SUCH_PROCESS, ERR_PERMISSION, ERR_QUEUE_FULL (the receiver's user has no room left:
 *   RLIMIT_SIGPENDING), ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_INVALID_ARG,
 *   ERR_UNSUPPORTED (a value, where the platform queues none)
 */
export function send(pid: number, signal: SignalName | number, options?: SendOptions): void {
  // kill(2) gives 0 and negative numbers other meanings, up to "every process there is".
  requireId('pid', pid, 1, 'a process id, which is a positive integer');
  const number = toNumber(signal);
  const { value } = readOptions(options, { value: 'number' }) as SendOptions;
  const context = { signal: toName(number), pid };
  if (value === undefined) {
    check(addon.send(pid, number), 'kill', context);
    return;
  }
  if ((value | 0) !== value) throw invalidArg('options.value', value, 'a 32-bit integer');
  const errno = addon.queue(pid, number, value);
  if (errno !== 0) throw systemError(errno, 'sigqueue', { ...context, limit: queueLimit(pid) });
}

// The receiver's, which counts what waits for all processes of its user: setrlimit(2).
function queueLimit(pid: number): number | undefined {
  try {
    return readProcess(pid).queue.limit;
  } catch {
    return undefined;
  }
}

/**
 * Sends a signal to every process of a group. kill(2) with a negative pid. Errors as {@link send}. May
 * be called from any thread.
 */
export function sendGroup(pgid: number, signal: SignalName | number): void {
  // kill(-1) would mean every process there is.
  requireId('pgid', pgid, 2, 'the id of a process group, which is an integer above 1');
  const number = toNumber(signal);
  check(addon.send(-pgid, number), 'kill', { signal: toName(number), pid: -pgid });
}

/**
 * Sends a signal to the calling thread itself, which takes it before this returns. raise(3).
 * @throws ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_UNSUPPORTED (no native part)
 */
export function raise(signal: SignalName | number): void {
  const number = toNumber(signal);
  check(addon.raise(number), 'raise', { signal: toName(number) });
}

function requireId(name: string, value: unknown, least: number, expected: string): void {
  const fits = Number.isInteger(value) && (value as number) >= least;
  if (!fits || (value as number) > LARGEST_PID) throw invalidArg(name, value, expected);
}
