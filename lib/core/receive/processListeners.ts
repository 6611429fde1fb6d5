import { constants } from 'node:os';
import { dispositionNow } from '../look/inspect.js';
import { addon } from '../../base/native/addon.js';
import { usesLibuv } from '../../base/native/load.js';
import { allSignals } from '../../base/signal/names.js';

const numbers = new Map<unknown, number>(Object.entries(constants.signals));

/**
 * Tells the native part which signals `process.on` listens to, from now on: the runtime's handler is
 * called for these beside ours. Only the main thread's `process` hears signals: the native part knows,
 * and leaves aside what a worker tells.
 */
export function followProcessListeners(): void {
  for (const name of process.eventNames()) tell(name, true);
  // Node's own listener for this event comes first: libuv watches by the time that ours runs.
  process.on('newListener', (name: string | symbol) => {
    tell(name, true);
    if (!usesLibuv && numbers.has(name)) queueMicrotask(standOverRuntime);
  });
  process.on('removeListener', (name: string | symbol) => {
    if (numbers.has(name)) tell(name, process.listenerCount(name) > 0);
  });
}

// Deno sets its handlers over ours: for what is listened to, and at the first time for all signals by
// which it ends itself. libuv would not have.
function standOverRuntime(): void {
  for (const number of allSignals()) {
    const { managed, owner } = dispositionNow(number);
    if (managed && owner === 'runtime') addon.reclaim(number);
  }
}

function tell(name: string | symbol, watches: boolean): void {
  const number = numbers.get(name);
  if (number !== undefined) addon.setScriptWatches(number, watches);
}
