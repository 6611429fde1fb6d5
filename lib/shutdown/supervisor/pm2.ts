import type { Shutdown } from '../Shutdown.js';
import type { Supervisor } from './Supervisor.js';

/** @internal By messages, as PM2 sends and takes them; `null` elsewhere. */
export function underPm2(shutdown: Shutdown): Supervisor | null {
  if (process.env['pm_id'] === undefined || process.send === undefined) return null;
  const take = (message: unknown): void => {
    if (message === 'shutdown') void shutdown.begin('asked by PM2');
  };
  process.on('message', take);
  const close = (): void => {
    process.off('message', take);
  };
  return {
    kind: 'pm2',
    ready: () => {
      if (!process.connected) return false;
      process.send?.('ready');
      return true;
    },
    status: () => false,
    close,
    [Symbol.dispose]: close,
  };
}
