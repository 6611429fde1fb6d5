import { invalidArg } from '../../base/errors/SignalError.js';
import type { StageTask } from '../stage.js';

/** Anything that ends when asked: a pool of database connections, a client, a queue. */
export interface Endable {
  /** Ends it; a promise is awaited. */
  end(): unknown;
}

/**
 * A stage that ends a pool: it lasts until what `end()` gives has settled. For the thread of
 * the shutdown, which is the main thread.
 * @throws ERR_INVALID_ARG
 */
export function pool(endable: Endable): StageTask {
  if (typeof (endable as Partial<Endable> | null | undefined)?.end !== 'function') {
    throw invalidArg('pool', endable, 'an object with a method end()');
  }
  return () => endable.end();
}
