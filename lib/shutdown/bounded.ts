import type { StageContext } from './stage.js';
import { within } from './within.js';

/**
 * @internal For stages that wait for others (clients, jobs): `task` gets `ms`, or where nobody has said
 * how long, half of all the time that is left, so that nobody takes it from those behind.
 * @throws what the task does, and ERR_TIMEOUT
 */
export async function bounded(
  what: string,
  { signal, timeoutMs, leftMs }: StageContext,
  ms: number | undefined,
  task: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const limit = ms ?? (timeoutMs === undefined ? leftMs / 2 : Infinity);
  await within(signal, limit, what, task);
}
