import type { Shutdown } from './Shutdown.js';
import { underPm2 } from './supervisor/pm2.js';
import type { Supervisor } from './supervisor/Supervisor.js';
import { underSystemd } from './supervisor/systemd.js';

/**
 * Keeps in touch with the supervisor that has started this process, if there is one. systemd
 * (`NOTIFY_SOCKET`, sd_notify(3)): `READY=1` by `ready()`; `STOPPING=1` when the shutdown begins, with
 * `EXTEND_TIMEOUT_USEC` for `totalMs`; `WATCHDOG=1` in time, where `WatchdogSec=` asks for it, as long
 * as the event loop turns. PM2: `ready` for `wait_ready`; its `shutdown` message begins the shutdown.
 * From the main thread. No errors: a socket that does not take what it is told is one of `ready()`.
 */
export function supervisor(shutdown: Shutdown): Supervisor {
  return underSystemd(shutdown) ?? underPm2(shutdown) ?? nobody();
}

function nobody(): Supervisor {
  const close = (): void => undefined;
  return { kind: null, ready: () => false, status: () => false, close, [Symbol.dispose]: close };
}
