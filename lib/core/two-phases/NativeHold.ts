import { check } from '../../base/native/check.js';
import { addon } from '../../base/native/addon.js';
import type { Disposition } from '../look/disposition.js';
import { startReceiving, stopReceiving } from '../receive/listeners.js';

const SIGNALS = 65;
const NEVER = -1;

/** As the native part counts them. */
export const DISPOSITIONS: readonly Disposition[] = ['default', 'ignore', 'handler'];

/** What the native part keeps for a set of signals, until it is let go. */
export class NativeHold {
  readonly #number: number;
  readonly #counts = new Uint32Array(new ArrayBuffer(SIGNALS * 4));
  readonly #before: Int32Array;
  #released = false;

  /** @throws when the system refuses; nothing is held then */
  constructor(
    readonly numbers: readonly number[],
    giveWayAfterMs = NEVER,
  ) {
    startReceiving();
    const signals = new Int32Array(new ArrayBuffer(numbers.length * 4));
    signals.set(numbers);
    const result = addon.openHold(signals, numbers.length, giveWayAfterMs);
    if (result < 0) {
      stopReceiving();
      check(result, 'sigaction');
    }
    this.#number = result;
    this.#before = signals;
  }

  get released(): boolean {
    return this.#released;
  }

  /** What stood before, of the signal at this place of {@link numbers}. */
  dispositionBefore(index: number): Disposition {
    return DISPOSITIONS[this.#before[index] ?? 0] ?? 'default';
  }

  /** How many arrivals it has kept so far. */
  countOf(signal: number): number {
    if (!this.#released) addon.holdCounts(this.#number, this.#counts);
    return this.#counts[signal] ?? 0;
  }

  /** Once. `deliver`: to whoever listens now; else what was kept is dropped. */
  release(deliver: boolean): void {
    this.#released = true;
    addon.releaseHold(this.#number, deliver, this.#counts);
    stopReceiving();
  }
}
