import type { EventEmitter } from 'node:events';

/**
 * Emits; what a listener throws becomes an error of its own, `uncaughtException`, so that whoever
 * tells goes on.
 */
export function tell(emitter: EventEmitter, name: string, ...values: unknown[]): void {
  try {
    emitter.emit(name, ...values);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
