import { isSupported } from '../../base/native/addon.js';
import { toName } from '../../base/signal/names.js';
import { exitBySignal } from '../lowlevel/exit.js';

/** How long the runtime has to set the default and die: Deno does it in a thread of its own, which a busy machine delays. */
const DEATH_MS = 1_000;

/**
 * As {@link exitBySignal}, also where there is no native part: there, as far as the runtime goes, which
 * sets the default when its last listener goes. Where that does not end it (Windows, PID 1 of a
 * namespace), the process exits with 128 + n.
 */
export function endBySignal(number: number): never {
  if (isSupported()) exitBySignal(number);
  if (process.platform !== 'win32') {
    process.removeAllListeners(toName(number));
    process.kill(process.pid, number);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DEATH_MS);
  }
  process.exit(128 + number);
}
