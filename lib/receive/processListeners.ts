import { constants } from 'node:os';
import { addon } from '../native/addon.js';

const numbers = new Map<unknown, number>(Object.entries(constants.signals));

/**
 * Tells the native part which signals `process.on` listens to, from now on: libuv's handler is called
 * for these beside ours. Only the main thread's `process` hears signals: the native part knows, and
 * leaves aside what a worker tells.
 */
export function followProcessListeners(): void {
  for (const name of process.eventNames()) tell(name, true);
  // Node's own listener for this event comes first: libuv watches by the time that ours runs.
  process.on('newListener', (name: string | symbol) => {
    tell(name, true);
  });
  process.on('removeListener', (name: string | symbol) => {
    if (numbers.has(name)) tell(name, process.listenerCount(name) > 0);
  });
}

function tell(name: string | symbol, watches: boolean): void {
  const number = numbers.get(name);
  if (number !== undefined) addon.setScriptWatches(number, watches);
}
