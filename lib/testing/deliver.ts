import { readOptions } from '../base/errors/options.js';
import { send } from '../core/lowlevel/send.js';
import { toName, toNumber, type SignalName } from '../base/signal/names.js';
import { describe } from './describe.js';
import { isEnded, letterOf, pidOf, readState, type Target } from './target.js';
import { isPending, until, type WaitOptions } from './until.js';

/** How a signal is sent to the program under test, and what is awaited. */
export interface DeliverOptions extends WaitOptions {
  /** Queued with the signal: a 32-bit integer. */
  value?: number;
}

/**
 * Sends a signal and waits until the kernel shows that it was taken: it is not pending any more, for
 * the process and for none of its threads. By then its handler has been entered, or the signal was
 * ignored, or the process has ended or stopped. What is blocked, or sent to a stopped process, waits;
 * then the error shows the whole state.
 * Sources: kill(2), proc_pid_status(5).
 * @throws as `send`, ERR_NO_SUCH_PROCESS also for a process that has ended, and ERR_TIMEOUT
 */
export async function deliver(
  target: Target,
  signal: SignalName | number,
  options?: DeliverOptions,
): Promise<void> {
  const pid = pidOf(target);
  const name = toName(toNumber(signal));
  const { value, timeoutMs } = readOptions(options, OPTIONS) as DeliverOptions;
  // To a zombie kill(2) sends without a complaint.
  readState(pid);
  send(pid, signal, value === undefined ? undefined : { value });
  await until(
    () => isTaken(pid, name),
    () => `process ${pid} to take ${name}\n${describe(readState(pid))}`,
    timeoutMs === undefined ? undefined : { timeoutMs },
  );
}

const OPTIONS = { value: 'number', timeoutMs: 'number' } as const;

function isTaken(pid: number, name: string): boolean {
  try {
    return !isPending(readState(pid), name);
  } catch (error) {
    if (isEnded(letterOf(pid))) return true;
    throw error;
  }
}
