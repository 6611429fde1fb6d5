import { closed, invalidArg } from '../../base/errors/SignalError.js';
import { book } from '../events/book.js';
import { overflows, tellOverflow } from '../events/channels.js';
import { readOptions } from '../../base/errors/options.js';
import { toName, type SignalName } from '../../base/signal/names.js';
import { closeWhenCollected, forgetLeak, type Leakable } from './leaks.js';
import { addToAll, removeFromAll, type Listener } from './listeners.js';
import { listenable } from './on.js';
import { Queue } from './Queue.js';
import type { SignalEvent } from '../events/SignalEvent.js';

/** How many events a channel keeps, and whether it keeps the event loop alive. */
export interface NotifyOptions {
  /** How many events may wait to be taken; 64 by default. */
  capacity?: number;
  /** Whether a real-time signal's arrivals keep their order, as for `on`. */
  ordered?: boolean;
  /** Keep the event loop alive. */
  ref?: boolean;
}

/** Events that wait to be taken, one by one. */
export interface SignalChannel extends AsyncIterable<SignalEvent>, Disposable {
  /** The signals that it takes. */
  readonly signals: readonly string[];
  /** How many events wait. */
  readonly pending: number;
  /** How many arrivals there was no room for, each counted once. */
  readonly dropped: number;
  /** Whether nothing more comes in. */
  readonly closed: boolean;
  /**
   * The next event, as soon as there is one. Each event goes to one taker.
   * @throws (as a rejection) ERR_CLOSED when the channel is closed and empty, or is closed meanwhile
   */
  take(): Promise<SignalEvent>;
  /**
   * Ends it: nothing more comes in. What waits can still be taken; whoever waits for more is told.
   * `break` out of a `for await` does the same.
   */
  close(): void;
}

const DEFAULT_CAPACITY = 64;

/**
 * A channel that every arrival of the signals is put into; Go's `signal.Notify`. Never blocks, and
 * never drops in silence: what there is no room for is counted in `dropped`, and the older events
 * stay. Several channels on one signal each get all. Works in every thread.
 * Sources: as on.
 * @throws as `on`, and ERR_INVALID_ARG for a capacity that is no positive integer
 */
export function notify(
  signals: SignalName | number | readonly (SignalName | number)[],
  options?: NotifyOptions,
): SignalChannel {
  const numbers = listenable(signals);
  const kinds = { capacity: 'number', ordered: 'boolean', ref: 'boolean' } as const;
  const read = readOptions(options, kinds) as NotifyOptions;
  const { capacity = DEFAULT_CAPACITY, ordered, ref = false } = read;
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw invalidArg('options.capacity', capacity, 'a positive integer');
  }
  const core = new Core(numbers, capacity, ref, ordered);
  addToAll(numbers, core);
  return new Channel(core);
}

interface Waiter {
  resolve(event: SignalEvent): void;
  reject(error: Error): void;
  /** Kept reachable while somebody waits: a channel that is awaited is not a forgotten one. */
  channel: Channel;
}

// What the lists of listeners refer to. The channel refers to it, not the other way round, so that a
// channel that its owner has dropped can be found out.
class Core implements Listener, Leakable {
  readonly kind = 'channel';
  readonly wantsPrevious = true;
  readonly ordered: boolean | undefined;
  readonly waiting = new Queue<SignalEvent>();
  readonly waiters = new Queue<Waiter>();
  dropped = 0;
  closed = false;

  constructor(
    readonly numbers: readonly number[],
    readonly capacity: number,
    readonly ref: boolean,
    ordered: boolean | undefined,
  ) {
    this.ordered = ordered;
  }

  get signals(): readonly string[] {
    return this.numbers.map(toName);
  }

  get backlog(): number {
    return this.waiting.length;
  }

  get what(): string {
    return `A channel for ${this.signals.join(', ')}`;
  }

  receive(event: SignalEvent): void {
    if (this.closed) return;
    const waiter = this.waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve(event);
    } else if (this.waiting.length < this.capacity) {
      this.waiting.push(event);
      book.keeper?.changed(this);
    } else {
      this.#drop(event);
    }
  }

  #drop(event: SignalEvent): void {
    const count = 1 + event.coalesced;
    this.dropped += count;
    book.keeper?.changed(this);
    if (overflows.hasSubscribers) tellOverflow({ where: 'channel', event, count });
  }

  take(channel: Channel): Promise<SignalEvent> {
    const event = this.waiting.shift();
    if (event !== undefined) {
      book.keeper?.changed(this);
      return Promise.resolve(event);
    }
    if (this.closed) return Promise.reject(closed('The channel'));
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject, channel });
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    removeFromAll(this.numbers, this);
    forgetLeak(this);
    for (let waiter = this.waiters.shift(); waiter; waiter = this.waiters.shift()) {
      waiter.reject(closed('The channel'));
    }
  }
}

class Channel implements SignalChannel {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
    closeWhenCollected(this, core);
  }

  get signals(): readonly string[] {
    return this.#core.signals;
  }

  get pending(): number {
    return this.#core.waiting.length;
  }

  get dropped(): number {
    return this.#core.dropped;
  }

  get closed(): boolean {
    return this.#core.closed;
  }

  take(): Promise<SignalEvent> {
    return this.#core.take(this);
  }

  close(): void {
    this.#core.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<SignalEvent, undefined> {
    const done = { done: true, value: undefined } as const;
    return {
      next: () =>
        this.take().then(
          (value) => ({ done: false, value }),
          () => done,
        ),
      return: () => {
        this.close();
        return Promise.resolve(done);
      },
    };
  }
}
