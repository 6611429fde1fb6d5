import { book, type Taker } from '../events/book.js';
import { check } from '../../base/native/check.js';
import { addon } from '../../base/native/addon.js';
import { toName, type SignalName } from '../../base/signal/names.js';
import { closeWhenCollected, forgetLeak, type Leakable } from './leaks.js';
import { registrations, startReceiving, stopReceiving } from './listeners.js';
import { listenable } from './on.js';
import { leave, stand } from './standIns.js';

/** Tells inside a synchronous loop that a signal has come. */
export interface SignalFlag extends Disposable {
  /** The signals that raise it. */
  readonly signals: readonly string[];
  /** Whether one has come since the start, or the last `clear()`. */
  readonly raised: boolean;
  /** How many have come since then. */
  readonly count: number;
  /** Whether it is not raised any more. */
  readonly closed: boolean;
  /** Lowers it, and gives back the count that it had. */
  clear(): number;
  /** Ends it: it stays as it is from now on. */
  close(): void;
}

const RAISED = 0;
const COUNT = 1;

/**
 * A flag that the signal handler itself raises: `while (!stop.raised) work();` sees it with no turn of
 * the event loop and no system call, one atomic load of memory that belongs to the JavaScript heap.
 * Works in every thread. Errors as `on`.
 * Sources: sigaction(2), signal-safety(7).
 */
export function flag(signals: SignalName | number | readonly (SignalName | number)[]): SignalFlag {
  const core = new Core(listenable(signals));
  core.open();
  return new Flag(core);
}

// Open flags: the handler writes into their memory, so it must stay whoever has forgotten them.
const open = new Set<Core>();

/** @internal Those of this environment. */
export function openFlags(): ReadonlySet<Taker> {
  return open;
}

class Core implements Leakable, Taker {
  readonly kind = 'flag';
  readonly words = new Int32Array(new ArrayBuffer(8));
  closed = false;

  constructor(readonly numbers: readonly number[]) {}

  get signals(): readonly string[] {
    return this.numbers.map(toName);
  }

  get what(): string {
    return `A flag for ${this.signals.join(', ')}`;
  }

  open(): void {
    startReceiving();
    let opened = 0;
    try {
      for (; opened < this.numbers.length; opened++) this.#subscribe(this.numbers[opened] ?? 0);
    } catch (error) {
      for (const number of this.numbers.slice(0, opened)) addon.unsubscribeFlag(this.words, number);
      stopReceiving();
      throw error;
    }
    this.numbers.forEach(stand);
    open.add(this);
    book.keeper?.opened(this);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const number of this.numbers) {
      leave(number);
      addon.unsubscribeFlag(this.words, number);
    }
    stopReceiving();
    open.delete(this);
    book.keeper?.closed(this);
    forgetLeak(this);
  }

  #subscribe(number: number): void {
    check(addon.subscribeFlag(this.words, number), 'sigaction', { signal: toName(number) });
    for (const tell of registrations) tell(number);
  }
}

class Flag implements SignalFlag {
  readonly #core: Core;
  // Beside the core: the loop that asks pays for each step on the way.
  readonly #words: Int32Array;

  constructor(core: Core) {
    this.#core = core;
    this.#words = core.words;
    closeWhenCollected(this, core);
  }

  get signals(): readonly string[] {
    return this.#core.signals;
  }

  get raised(): boolean {
    return Atomics.load(this.#words, RAISED) !== 0;
  }

  get count(): number {
    return Atomics.load(this.#words, COUNT) >>> 0;
  }

  get closed(): boolean {
    return this.#core.closed;
  }

  clear(): number {
    // In this order: an arrival in between leaves it raised.
    Atomics.store(this.#words, RAISED, 0);
    return Atomics.exchange(this.#words, COUNT, 0) >>> 0;
  }

  close(): void {
    this.#core.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
