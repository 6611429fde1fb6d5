import { book, type Taker } from '../events/book.js';
import { listenable } from '../receive/on.js';
import { closeWhenCollected, forgetLeak, type Leakable } from '../receive/leaks.js';
import { leave, stand } from '../receive/standIns.js';
import { leaveUnseen, listenUnseen } from '../receive/unseen.js';
import { toName, type SignalName } from '../../base/signal/names.js';
import { NativeHold } from './NativeHold.js';

/** Signals that are being kept back. */
export interface Hold extends Disposable {
  /** The signals that it keeps. */
  readonly signals: readonly string[];
  /** How many arrivals of each signal have been kept so far; stays readable afterwards. */
  readonly counts: Readonly<Record<string, number>>;
  /** Whether it keeps nothing more: it was released or closed. */
  readonly closed: boolean;
  /**
   * Ends it, for all signals at once, and hands what was kept, in order, to whoever listens now:
   * here, in other threads, and through `process.on`. What nobody listens to does what it would have
   * done without the hold; where that is the default action, the process ends by that signal.
   */
  release(): void;
  /** Ends it and drops what was kept; `counts` says how much that was. */
  close(): void;
}

/**
 * From now on, arrivals of these signals are kept, in order, on every thread of the process, also from
 * those who listen already; only a C handler that stood before is called as ever. Works in every
 * thread. A hold that is garbage-collected, or that is left when its thread or the process ends, is
 * released. Errors as `on`.
 * Sources: sigaction(2).
 */
export function hold(signals: SignalName | number | readonly (SignalName | number)[]): Hold {
  return new HoldHandle(new Core(listenable(signals)));
}

/** @internal The same with a way out: a further SIGINT acts, and so does what comes after `ms`, if not 0. */
export function holdWithWayOut(number: number, ms: number): Hold {
  return new HoldHandle(new Core([number], ms));
}

const open = new Set<Core>();

/** @internal Those of this environment. */
export function openHolds(): ReadonlySet<Taker & { counts(): Readonly<Record<string, number>> }> {
  return open;
}

// The last moment at which listeners can still be called.
function releaseAll(): void {
  for (const core of open) core.end(true);
}

class Core implements Leakable, Taker {
  readonly kind = 'hold';
  readonly native: NativeHold;

  constructor(
    readonly numbers: readonly number[],
    giveWayAfterMs?: number,
  ) {
    this.native = new NativeHold(numbers, giveWayAfterMs);
    // Before the last look at what has arrived.
    if (open.size === 0) listenUnseen('exit', releaseAll, true);
    open.add(this);
    numbers.forEach(stand);
    book.keeper?.opened(this);
  }

  get signals(): readonly string[] {
    return this.numbers.map(toName);
  }

  get what(): string {
    return `A hold of ${this.signals.join(', ')}`;
  }

  end(deliver: boolean): void {
    if (this.native.released) return;
    open.delete(this);
    // At the exit itself Node walks over a copy of its list: what is taken away is called all the same.
    if (open.size === 0) leaveUnseen('exit', releaseAll);
    book.keeper?.closed(this);
    forgetLeak(this);
    this.numbers.forEach(leave);
    this.native.release(deliver);
  }

  counts(): Readonly<Record<string, number>> {
    const count = (number: number): [string, number] => [
      toName(number),
      this.native.countOf(number),
    ];
    return Object.freeze(Object.fromEntries(this.numbers.map(count)));
  }

  /** Garbage-collected: nobody is left who could release it. */
  close(): void {
    this.end(true);
  }
}

class HoldHandle implements Hold {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
    closeWhenCollected(this, core);
  }

  get signals(): readonly string[] {
    return this.#core.signals;
  }

  get counts(): Readonly<Record<string, number>> {
    return this.#core.counts();
  }

  get closed(): boolean {
    return this.#core.native.released;
  }

  release(): void {
    this.#core.end(true);
  }

  close(): void {
    this.#core.end(false);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
