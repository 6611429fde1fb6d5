import type { Worker, WorkerOptions } from 'node:worker_threads';

import type { Inside } from './scenario';

/** What a thread's function is given: as a scenario, but `report` and `next` go to its parent. */
export type InsideThread<Args> = Omit<Inside<Args>, 'importModule'>;

/** A worker thread, as the thread that started it sees it. */
export interface Thread {
  worker: Worker;
  /** Its exit code. */
  ended: Promise<number>;
  /** The next value that it reports. */
  next: <T>() => Promise<T>;
  /** The value that its own `next` gives. */
  tell: (value?: unknown) => void;
}

/** Runs `body`, which goes there as source text, in a worker thread. */
export function startThread<Args>(
  body: (inside: InsideThread<Args>) => unknown,
  args?: Args,
  options?: WorkerOptions,
): Thread;
