import { constants } from 'node:os';
import { dispositionNow } from '../look/inspect.js';
import { addon } from '../../base/native/addon.js';
import { usesLibuv } from '../../base/native/load.js';
import { allSignals } from '../../base/signal/names.js';

const numbers = new Map<unknown, number>(Object.entries(constants.signals));

/**
 * Tells the native part which signals `process.on` listens to, until {@link leaveProcessListeners}: the
 * runtime's handler is called for these beside ours. Only the main thread's `process` hears signals:
 * the native part knows, and leaves aside what a worker tells.
 */
export function followProcessListeners(): void {
  for (const name of numbers.keys()) tell(String(name), process.listenerCount(String(name)) > 0);
  // Node's own listener for this event comes first: libuv watches by the time that ours runs.
  process.on('newListener', onNewListener);
  process.on('removeListener', onRemoveListener);
}

/** Nothing of ours is left on `process`. */
export function leaveProcessListeners(): void {
  process.off('newListener', onNewListener);
  process.off('removeListener', onRemoveListener);
}

function onNewListener(name: string | symbol): void {
  const number = numbers.get(name);
  if (number === undefined) return;
  tell(name, true);
  if (usesLibuv) standOver(number);
  else queueMicrotask(standOverRuntime);
}

function onRemoveListener(name: string | symbol): void {
  const number = numbers.get(name);
  if (number === undefined) return;
  tell(name, process.listenerCount(name) > 0);
  if (usesLibuv) standOver(number);
}

// Deno sets its handlers over ours: for what is listened to, and at the first time for all signals by
// which it ends itself.
function standOverRuntime(): void {
  for (const number of allSignals()) standOver(number);
}

// Node does so where `breakOnSigint` interrupts a script: it takes all listeners away, and when it puts
// them back its own handler stands, which ends the process.
function standOver(number: number): void {
  const { managed, owner } = dispositionNow(number);
  if (managed && owner === 'runtime') addon.reclaim(number);
}

function tell(name: string | symbol, watches: boolean): void {
  const number = numbers.get(name);
  if (number !== undefined) addon.setScriptWatches(number, watches);
}
