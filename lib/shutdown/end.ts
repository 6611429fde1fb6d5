import cluster from 'node:cluster';
import { once } from 'node:events';
import { addon, isSupported } from '../base/native/addon.js';
import { usesLibuv } from '../base/native/load.js';
import { endBySignal } from '../core/anywhere/end.js';
import type { Clock } from './Clock.js';
import { hasten } from './Deadline.js';
import { wholly } from './describe.js';

const LEAVE_MS = 1_000;

/**
 * @internal Takes leave of a cluster's primary, if there is one: a connection that it has given away
 * and that this worker has not read yet goes to another worker then, and is not lost.
 */
export async function leaveCluster(clock: Clock): Promise<void> {
  const { worker } = cluster;
  if (!cluster.isWorker || worker?.isConnected() !== true) return;
  const left = once(worker, 'disconnect');
  worker.disconnect();
  await Promise.race([left, clock.wait(LEAVE_MS)]);
}

/**
 * @internal Ends the process as the runtime does: `exit` listeners run, profiles and coverage are
 * written, native code's own end has its turn. Then it dies by `signal`, or where that is 0 exits with
 * `code`, so that whoever started it sees why.
 */
export function endProcess(signal: number, code: number): never {
  if (signal === 0) return exit(0, code);
  if (usesLibuv && isSupported()) {
    addon.signalAtExit(signal);
    exit(signal, code);
  }
  // Elsewhere nobody knows what the runtime's own exit comes to.
  tellExitListeners(code);
  return endBySignal(signal);
}

function exit(signal: number, code: number): never {
  const runtime = process as unknown as { reallyExit?: (code: number) => void };
  const { reallyExit } = runtime;
  // What it calls when all listeners have been called, those of signal-exit and the like too.
  runtime.reallyExit = (last) => {
    hasten(signal, last);
    reallyExit?.call(process, last);
  };
  try {
    return process.exit(code);
  } catch (error) {
    complain(error);
    // This time it calls no listeners.
    return process.exit(code === 0 ? 1 : code);
  }
}

function tellExitListeners(code: number): void {
  try {
    process.exitCode = code;
    // As the runtime does: they are not told once more.
    (process as unknown as { _exiting: boolean })._exiting = true;
    process.emit('exit', code);
  } catch (error) {
    complain(error);
  }
}

function complain(error: unknown): void {
  process.stderr.write(`${wholly(error)}\n`);
}
