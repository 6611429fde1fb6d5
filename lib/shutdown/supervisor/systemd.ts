import { invalidArg } from '../../base/errors/SignalError.js';
import { addon } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { GRACE_MS } from '../Deadline.js';
import type { Shutdown } from '../Shutdown.js';
import type { Supervisor } from './Supervisor.js';

/** @internal By sd_notify(3) and sd_watchdog_enabled(3); `null` where systemd, or its like, does not listen. */
export function underSystemd(shutdown: Shutdown): Supervisor | null {
  const address = process.env['NOTIFY_SOCKET'];
  if (address === undefined || address === '') return null;
  const send = (text: string): true => {
    check(addon.sendDatagram(address, text), 'sendto');
    return true;
  };
  const begun = (): void => {
    const usec = Math.round((shutdown.totalMs + 2 * GRACE_MS) * 1000);
    quietly(() => send(`STOPPING=1\nEXTEND_TIMEOUT_USEC=${usec}`));
  };
  const alive = (): void => {
    quietly(() => send('WATCHDOG=1'));
  };
  const ms = watchdogMs();
  const timer = ms === null ? undefined : setInterval(alive, ms / 2).unref();
  shutdown.on('begin', begun);
  const close = (): void => {
    clearInterval(timer);
    shutdown.off('begin', begun);
  };
  return {
    kind: 'systemd',
    ready: () => send('READY=1'),
    status: (text) => send(`STATUS=${lineOf(text)}`),
    close,
    [Symbol.dispose]: close,
  };
}

function watchdogMs(): number | null {
  const { WATCHDOG_USEC: usec, WATCHDOG_PID: pid } = process.env;
  // Children inherit what is meant for their parent.
  if (pid !== undefined && Number(pid) !== process.pid) return null;
  const ms = Number(usec) / 1000;
  return ms > 0 ? ms : null;
}

// Each line is a variable of its own.
function lineOf(text: unknown): string {
  if (typeof text === 'string' && !text.includes('\n')) return text;
  throw invalidArg('text', text, 'a string of one line');
}

// Whoever is not listening any more must not keep the program from going on, or from ending.
function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    // systemd has timeouts of its own.
  }
}
