import { invalidArg, synchronousSignal } from '../../base/errors/SignalError.js';
import { readOptions } from '../../base/errors/options.js';
import { book } from '../events/book.js';
import { requireCatchable } from '../change/guard.js';
import { toName, toNumbers, type SignalName } from '../../base/signal/names.js';
import { traits } from '../../base/signal/traits.js';
import { addToAll, removeFromAll, type Listener } from './listeners.js';
import type { SignalEvent } from '../events/SignalEvent.js';
import type { SignalListener, Subscription } from './Subscription.js';

/** What {@link on} takes beside signals and listener. */
export interface OnOptions {
  /**
   * `'native'` (the default): a C handler that was there before keeps being called, in the signal
   * handler itself. `'none'` leaves it out, unless another subscription wants it.
   */
  chain?: 'native' | 'none';
  /**
   * Whether the arrivals of a real-time signal keep their order, for which every other thread leaves
   * it to the main one. By default that is done unless a C handler is called for the signal: its
   * library may aim it at threads of its own (a garbage collector that stops them), and they would
   * wait for ever. A `SignalOrderWarning` says so then. `false`: the order does not matter. `true`:
   * without it, be refused.
   */
  ordered?: boolean;
  /** Close at the first event. */
  once?: boolean;
  /** Keep the event loop alive. */
  ref?: boolean;
  /** Close when this is aborted. */
  signal?: AbortSignal;
}

const OPTIONS = {
  chain: ['native', 'none'],
  ordered: 'boolean',
  once: 'boolean',
  ref: 'boolean',
  signal: 'AbortSignal',
} as const;

/**
 * Calls `listener` for each arrival of the signals, on the calling thread's event loop: in the main
 * thread and in every worker, each of which gets each event. Coexists with `process.on`. A real-time
 * signal's events come in the order in which they were queued.
 *
 * A listener that throws causes `uncaughtException`; the others are called all the same.
 * Sources: sigaction(2), signal(7), "Real-time signals".
 * @throws ERR_UNCATCHABLE, ERR_SYNCHRONOUS_SIGNAL, ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL (also
 *   for `ordered: true` where a C handler is called), ERR_INVALID_ARG, ERR_UNSUPPORTED
 */
export function on(
  signals: SignalName | number | readonly (SignalName | number)[],
  listener: SignalListener,
  options?: OnOptions,
): Subscription {
  const subscription = subscriptionFor(signals, listener, options);
  subscription.open();
  return subscription;
}

/** @internal Checked, and not open yet. Throws what {@link on} throws for bad arguments. */
export function subscriptionFor(
  signals: SignalName | number | readonly (SignalName | number)[],
  listener: SignalListener,
  options?: OnOptions,
): OpenableSubscription {
  const numbers = listenable(signals);
  if (typeof listener !== 'function') throw invalidArg('listener', listener, 'a function');
  const checked = options === undefined ? DEFAULTS : (readOptions(options, OPTIONS) as OnOptions);
  const subscription = new OpenableSubscription(numbers, listener, checked);
  book.keeper?.made(subscription);
  return subscription;
}

const DEFAULTS: OnOptions = {};

// Of what was asked for by one name or number before, which is good then.
const known = new Map<unknown, readonly number[]>();

/**
 * @internal The numbers of signals that JavaScript may listen to.
 * @throws ERR_UNCATCHABLE, ERR_SYNCHRONOUS_SIGNAL, and what toNumbers() throws
 */
export function listenable(
  signals: SignalName | number | readonly (SignalName | number)[],
): readonly number[] {
  return known.get(signals) ?? checkListenable(signals);
}

function checkListenable(
  signals: SignalName | number | readonly (SignalName | number)[],
): readonly number[] {
  const numbers = toNumbers(signals);
  for (const number of numbers) {
    requireCatchable(number, 'listened to');
    if (traits(number).synchronous) throw synchronousSignal(toName(number));
  }
  if (typeof signals !== 'object') known.set(signals, numbers);
  return numbers;
}

/** @internal */
export class OpenableSubscription implements Subscription, Listener {
  readonly kind = 'listener';
  readonly wantsPrevious: boolean;
  readonly ordered: boolean | undefined;
  readonly ref: boolean;
  readonly #numbers: readonly number[];
  readonly #listener: SignalListener;
  readonly #once: boolean;
  readonly #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;
  #closed = false;

  constructor(numbers: readonly number[], listener: SignalListener, options: OnOptions) {
    this.#numbers = numbers;
    this.#listener = listener;
    this.#once = options.once ?? false;
    this.#signal = options.signal;
    this.wantsPrevious = options.chain !== 'none';
    this.ordered = options.ordered;
    this.ref = options.ref ?? false;
  }

  /** Whether {@link open} has only to add the listener: an `AbortSignal` is its user's, and may throw. */
  get isPlain(): boolean {
    return !this.#closed && this.#signal === undefined;
  }

  /** From now on the listener is called. Does nothing when it was closed before. */
  open(): void {
    if (this.#signal?.aborted) this.#closed = true;
    if (this.#closed) return;
    addToAll(this.#numbers, this);
    if (this.#signal === undefined) return;
    this.#onAbort = (): void => {
      this.close();
    };
    this.#signal.addEventListener('abort', this.#onAbort);
  }

  get signals(): readonly string[] {
    return this.#numbers.map(toName);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @internal */
  get numbers(): readonly number[] {
    return this.#numbers;
  }

  /** @internal */
  receive(event: SignalEvent): void {
    if (this.#closed) return;
    if (this.#once) this.close();
    const listener = this.#listener;
    listener(event);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    removeFromAll(this.#numbers, this);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
