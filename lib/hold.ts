/**
 * `node --import sigbridge/hold app.js` (or `--require`): keeps signals back from before the
 * application's first line, until it listens to them. `SIGBRIDGE_HOLD` names them (`SIGTERM,SIGINT`).
 * A second SIGINT acts; `SIGBRIDGE_HOLD_MS` bounds the time for all.
 */
import { isMainThread } from 'node:worker_threads';
import { holdUntilStarted } from './core/two-phases/preload.js';

// Options are passed on to workers, which share the main thread's signals.
if (isMainThread) {
  const { SIGBRIDGE_HOLD: signals = 'SIGTERM,SIGINT', SIGBRIDGE_HOLD_MS: ms = '0' } = process.env;
  holdUntilStarted(signals, ms);
}
