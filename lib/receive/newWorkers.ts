import { subscribe } from 'node:diagnostics_channel';
import { addon } from '../native/addon.js';

/**
 * A worker that never loads sigbridge would take real-time signals beside the main thread, and upset
 * their order: tells it not to, as soon as its thread is there.
 */
export function followNewWorkers(): void {
  subscribe('worker_threads', () => {
    addon.welcomeThreads();
  });
}
