import { closed, invalidArg } from '../../base/errors/SignalError.js';
import {
  plannedChange,
  restore,
  type Change,
  type ChangeOptions,
  type PlannedChange,
} from '../change/change.js';
import type { Disposition } from '../look/disposition.js';
import { requireNative } from '../../base/native/addon.js';
import { openAtOnce } from '../receive/atOnce.js';
import { subscriptionFor, type OnOptions, type OpenableSubscription } from '../receive/on.js';
import type { SignalListener, Subscription } from '../receive/Subscription.js';
import { toName, type SignalName } from '../../base/signal/names.js';
import { DISPOSITIONS, NativeHold } from './NativeHold.js';

/** A batch of changes that take effect together, or not at all. */
export interface Registration {
  /** As `on`; the subscription is live from `commit()` on. */
  on(
    signals: SignalName | number | readonly (SignalName | number)[],
    listener: SignalListener,
    options?: OnOptions,
  ): Subscription;
  /** As `ignore`, at `commit()`. */
  ignore(signal: SignalName | number, options?: ChangeOptions): void;
  /** As `reset`, at `commit()`. */
  reset(signal: SignalName | number, options?: ChangeOptions): void;
  /**
   * Makes all of it live in one step, on every thread. What arrives while the handlers are being
   * installed is kept, and delivered then.
   * @returns the changes of disposition, one for each signal
   * @throws what `on`, `ignore` and `reset` throw: everything stands as before then. ERR_CLOSED when
   *   it was committed or aborted before.
   */
  commit(): Change[];
  /** Forgets all of it, and closes the subscriptions. Nothing has been changed. */
  abort(): void;
}

/**
 * A registration in two phases: first say what is wanted, and have it checked, then `commit()`. Nothing
 * changes before. May be called from any thread.
 * Sources: sigaction(2).
 * @throws ERR_UNSUPPORTED
 */
export function prepare(): Registration {
  requireNative();
  return new Batch();
}

class Batch implements Registration {
  readonly #subscriptions: OpenableSubscription[] = [];
  readonly #changes: PlannedChange[] = [];
  readonly #changed = new Set<number>();
  readonly #listened = new Set<number>();
  #over = false;

  on(
    signals: SignalName | number | readonly (SignalName | number)[],
    listener: SignalListener,
    options?: OnOptions,
  ): Subscription {
    this.#requireOpen();
    const subscription = subscriptionFor(signals, listener, options);
    for (const number of subscription.numbers) this.#requireNew(number, this.#changed);
    for (const number of subscription.numbers) this.#listened.add(number);
    this.#subscriptions.push(subscription);
    return subscription;
  }

  ignore(signal: SignalName | number, options?: ChangeOptions): void {
    this.#plan('ignore', signal, options);
  }

  reset(signal: SignalName | number, options?: ChangeOptions): void {
    this.#plan('default', signal, options);
  }

  commit(): Change[] {
    this.#requireOpen();
    this.#over = true;
    return this.#commitAtOnce() ?? this.#commitInSteps();
  }

  // Where nothing but listeners comes, and no code of anybody else's is run.
  #commitAtOnce(): Change[] | undefined {
    if (this.#changes.length > 0 || !this.#subscriptions.every(isPlain)) return undefined;
    const before = openAtOnce(this.#subscriptions, this.#listened);
    if (before === undefined) return undefined;
    return Array.from(this.#listened, (number, index) =>
      listenedTo(number, DISPOSITIONS[before[index] ?? 0] ?? 'default', true),
    );
  }

  #commitInSteps(): Change[] {
    let gate: NativeHold | null = null;
    let changes: Change[];
    try {
      // All that can be refused comes first.
      for (const change of this.#changes) change.check();
      if (this.#listened.size > 0) gate = new NativeHold([...this.#listened]);
      for (const subscription of this.#subscriptions) subscription.open();
      changes = this.#carryOut();
    } catch (error) {
      for (const subscription of this.#subscriptions) subscription.close();
      throw error;
    } finally {
      gate?.release(true);
    }
    return gate === null ? changes : [...this.#heard(gate), ...changes];
  }

  #heard(gate: NativeHold): Change[] {
    const live = new Set<number>();
    for (const { closed, numbers } of this.#subscriptions) {
      if (!closed) for (const number of numbers) live.add(number);
    }
    return gate.numbers.map((number, index) =>
      listenedTo(number, gate.dispositionBefore(index), live.has(number)),
    );
  }

  #carryOut(): Change[] {
    const changes: Change[] = [];
    try {
      for (const change of this.#changes) changes.push(change.carryOut());
      return changes;
    } catch (error) {
      for (const change of changes.reverse()) restore(change, { force: true });
      throw error;
    }
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    for (const subscription of this.#subscriptions) subscription.close();
  }

  #plan(
    disposition: 'ignore' | 'default',
    signal: SignalName | number,
    options?: ChangeOptions,
  ): void {
    this.#requireOpen();
    const change = plannedChange(disposition, signal, options);
    this.#requireNew(change.number, this.#changed);
    this.#requireNew(change.number, this.#listened);
    this.#changed.add(change.number);
    this.#changes.push(change);
  }

  #requireNew(number: number, taken: ReadonlySet<number>): void {
    if (!taken.has(number)) return;
    throw invalidArg(
      'signal',
      toName(number),
      'a signal that this registration has no other plan for',
    );
  }

  #requireOpen(): void {
    if (this.#over) throw closed('The registration');
  }
}

const isPlain = (subscription: OpenableSubscription): boolean => subscription.isPlain;

function listenedTo(number: number, before: Disposition, live: boolean): Change {
  const after = live ? 'handler' : before;
  return Object.freeze({ signal: toName(number), before, after, changed: before !== after });
}
