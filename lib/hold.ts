/**
 * `node --import sigbridge/hold app.js` (or `--require`): keeps signals back from before the
 * application's first line, until it listens to them. `SIGBRIDGE_HOLD` names them (`SIGTERM,SIGINT`).
 */
import { isMainThread } from 'node:worker_threads';
import { holdUntilStarted } from './core/two-phases/preload.js';

// Options are passed on to workers, which share the main thread's signals.
if (isMainThread) holdUntilStarted(process.env['SIGBRIDGE_HOLD'] ?? 'SIGTERM,SIGINT');
