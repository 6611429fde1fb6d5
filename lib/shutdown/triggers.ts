import { constants } from 'node:os';
import { hear } from '../core/anywhere/hear.js';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import { toName } from '../base/signal/names.js';

const shown = (): void => undefined;

/**
 * @internal Hears the signals, and is seen to do so: libraries such as signal-exit take a signal that
 * nobody but themselves listens to by `process.on` for the end, and send it once more. Gives the way to
 * stop.
 */
export function hearOpenly(
  numbers: readonly number[],
  listener: (event: SignalEvent) => void,
): () => void {
  if (numbers.length === 0) return () => undefined;
  const subscription = hear(numbers, listener, { ref: false });
  // process.on knows no others.
  const names = numbers.map(toName).filter((name) => name in constants.signals);
  for (const name of names) process.on(name, shown);
  return () => {
    for (const name of names) process.off(name, shown);
    subscription.close();
  };
}
