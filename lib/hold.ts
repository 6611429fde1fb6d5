/**
 * `node --import sigbridge/hold app.js` (or `--require`): keeps signals back from before the
 * application's first line, until it listens to them. `SIGBRIDGE_HOLD` names them (`SIGTERM,SIGINT`).
 * A second SIGINT acts; `SIGBRIDGE_HOLD_MS` bounds the time for all.
 */
import { isMainThread } from 'node:worker_threads';
import { SignalError } from './base/errors/SignalError.js';
import { holdUntilStarted } from './core/two-phases/preload.js';

// Options are passed on to workers, which share the main thread's signals.
if (isMainThread) {
  const { SIGBRIDGE_HOLD: signals = 'SIGTERM,SIGINT', SIGBRIDGE_HOLD_MS: ms = '0' } = process.env;
  try {
    holdUntilStarted(signals, ms);
  } catch (error) {
    // The program goes on as it would have without.
    if (!(error instanceof SignalError && error.code === 'ERR_UNSUPPORTED')) throw error;
    process.emitWarning(`sigbridge/hold keeps nothing. ${error.message}`, 'SignalHoldWarning');
  }
}
