/**
 * Listening that works everywhere: by the native part where it is, else by `process.on`, which knows
 * neither who sent a signal nor what stood before. For sigbridge/shutdown and sigbridge/manager.
 */
import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { unsupported } from '../../base/errors/SignalError.js';
import { isSupported } from '../../base/native/addon.js';
import { toName, toNumber } from '../../base/signal/names.js';
import { plainEvent } from '../events/SignalEvent.js';
import { on } from '../receive/on.js';
import type { SignalListener, Subscription } from '../receive/Subscription.js';

/** As {@link on}, of signals that were checked. @throws ERR_UNSUPPORTED where `process.on` cannot hear one */
export function hear(
  numbers: readonly number[],
  listener: SignalListener,
  { ref }: { ref: boolean },
): Subscription {
  if (isSupported()) return on(numbers, listener, { ref });
  const subscription = new PlainSubscription(numbers, listener, ref);
  subscription.open();
  return subscription;
}

/** What a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

class PlainSubscription implements Subscription {
  readonly signals: readonly string[];
  readonly #numbers: readonly number[];
  readonly #listener: SignalListener;
  readonly #ref: boolean;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(numbers: readonly number[], listener: SignalListener, ref: boolean) {
    this.#numbers = numbers;
    this.signals = numbers.map(toName);
    this.#listener = listener;
    this.#ref = ref;
  }

  open(): void {
    for (const name of this.signals) requireHeard(name);
    try {
      for (const number of this.#numbers) process.on(toName(number), this.#receive);
    } catch (error) {
      this.close();
      throw unsupported(`Listening to ${this.signals.join(', ')}`, `process.on refuses it`, error);
    }
    // process.on by itself keeps nothing alive.
    if (this.#ref) this.#timer = setInterval(() => undefined, LONGEST_MS);
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const name of this.signals) process.off(name, this.#receive);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  // By its name: Deno tells no number.
  readonly #receive = (name: string): void => {
    const listener = this.#listener;
    if (!this.#closed) listener(plainEvent(toNumber(name)));
  };
}

function requireHeard(name: string): void {
  const what = `Listening to ${name} without the native part`;
  if (!isMainThread) throw unsupported(what, 'in a worker, process.on hears no signals');
  if (!(name in constants.signals)) throw unsupported(what, 'process.on knows no such signal');
}
