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

/** Something that listens from `open` on, which does not throw. */
export interface Openable extends Listener {
  readonly numbers: readonly number[];
  open(): void;
}

const SIGNALS = 65;
const WORDS = 3;
const wishes = new Int32Array(new ArrayBuffer(SIGNALS * WORDS * 4));

/**
 * Opens all of it, with one call into the native part: what arrives meanwhile waits until the loop turns.
 * Gives back what stood before, for each of the signals in their order, as the native part counts
 * dispositions; or `undefined`, and nothing has changed, where that is not possible: somebody here listens
 * to one of them already, it is a real-time signal, whose order may be refused, or each change is to be
 * told by itself.
 */
export function openAtOnce(
  subscriptions: readonly Openable[],
  numbers: ReadonlySet<number>,
): number[] | undefined {
  if (numbers.size === 0 || changes.hasSubscribers) return undefined;
  for (const number of numbers) {
    if (countListeners(number) > 0 || isRealtime(number)) return undefined;
  }
  startReceiving();
  try {
    writeWishes(subscriptions, numbers);
    if (addon.subscribeAll(wishes, numbers.size) !== 0) return undefined;
    const before: number[] = [];
    for (let at = 0; before.length < numbers.size; at += WORDS) before.push(wishes[at] ?? 0);
    knownAhead(numbers, () => {
      for (const subscription of subscriptions) subscription.open();
    });
    return before;
  } finally {
    stopReceiving();
  }
}

function writeWishes(subscriptions: readonly Openable[], numbers: ReadonlySet<number>): void {
  const lists: (Listener[] | undefined)[] = [];
  for (const subscription of subscriptions) {
    for (const number of subscription.numbers) (lists[number] ??= []).push(subscription);
  }
  let at = 0;
  for (const number of numbers) {
    const list = lists[number] ?? [];
    wishes[at++] = number;
    wishes[at++] = wantsPrevious(list) ? 1 : 0;
    wishes[at++] = ordering(list);
  }
}
