import cluster from 'node:cluster';
import { once } from 'node:events';
import { endBySignal } from '../core/anywhere/end.js';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import type { Clock } from './Clock.js';
import type { ShutdownReport } from './stage.js';

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

/** @internal Ends the process so that whoever started it sees why. */
export function endProcess(
  { reason, stages }: ShutdownReport,
  event: SignalEvent | null,
  exitCode: number | undefined,
): never {
  if (exitCode !== undefined) process.exit(exitCode);
  if (event !== null) endBySignal(event.number);
  const good = reason.trigger === 'call' && stages.every(({ outcome }) => outcome === 'done');
  process.exit(good ? 0 : 1);
}
