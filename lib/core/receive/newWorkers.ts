import { subscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { addon } from '../../base/native/addon.js';

/**
 * A worker that never loads sigbridge would take real-time signals beside the main thread, and upset
 * their order: tells it not to as soon as its thread is there, and once more when it surely runs.
 */
export function followNewWorkers(): void {
  subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: Worker };
    addon.welcomeThreads();
    worker.once('online', () => {
      addon.welcomeThreads();
    });
  });
}
