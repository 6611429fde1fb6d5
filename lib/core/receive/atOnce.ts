import { addon } from '../../base/native/addon.js';
import { changes } from '../events/channels.js';
import {
  countListeners,
  isRealtime,
  knownAhead,
  ordering,
  startReceiving,
  stopReceiving,
  wantsPrevious,
  type Listener,
} from './listeners.js';

const WORDS = 3;

/** Something that listens from `open` on. */
export interface Openable extends Listener {
  readonly numbers: readonly number[];
  open(): void;
}

/**
 * Opens all of it, with one call into the native part: what arrives meanwhile waits until the loop turns.
 * Gives back what stood before, for each of the signals, as the native part counts dispositions; or
 * `undefined`, and nothing has changed, where that is not possible: somebody here listens to one of them
 * already, it is a real-time signal, whose order may be refused, or each change is to be told by itself.
 */
export function openAtOnce(
  subscriptions: readonly Openable[],
  numbers: readonly number[],
): Int32Array | undefined {
  const isSimple = (number: number): boolean => countListeners(number) === 0 && !isRealtime(number);
  if (numbers.length === 0 || changes.hasSubscribers) return undefined;
  if (!numbers.every(isSimple)) return undefined;
  const wishes = wishesOf(subscriptions, numbers);
  startReceiving();
  try {
    if (addon.subscribeAll(wishes, numbers.length) !== 0) return undefined;
    knownAhead(new Set(numbers), () => {
      for (const subscription of subscriptions) subscription.open();
    });
  } finally {
    stopReceiving();
  }
  return wishes.filter((_, index) => index % WORDS === 0);
}

function wishesOf(subscriptions: readonly Openable[], numbers: readonly number[]): Int32Array {
  const lists = new Map<number, Listener[]>(numbers.map((number) => [number, []]));
  for (const subscription of subscriptions) {
    for (const number of subscription.numbers) lists.get(number)?.push(subscription);
  }
  const wishes = new Int32Array(new ArrayBuffer(numbers.length * WORDS * 4));
  numbers.forEach((number, index) => {
    const list = lists.get(number) ?? [];
    wishes.set([number, wantsPrevious(list) ? 1 : 0, ordering(list)], index * WORDS);
  });
  return wishes;
}
