import { check } from '../native/check.js';
import { addon } from '../native/addon.js';
import { startReceiving } from '../receive/listeners.js';

/** What the native part keeps for a set of signals, until it is let go. */
export class NativeHold {
  readonly #number: number;

  /** @throws when the system refuses; nothing is held then */
  constructor(readonly numbers: readonly number[]) {
    startReceiving();
    const signals = new Int32Array(new ArrayBuffer(numbers.length * 4));
    signals.set(numbers);
    const result = addon.openHold(signals, numbers.length);
    if (result < 0) check(result, 'sigaction');
    this.#number = result;
  }

  countOf(signal: number): number {
    return addon.holdCount(this.#number, signal);
  }

  /** Once. `deliver`: to whoever listens now; else what was kept is dropped. */
  release(deliver: boolean): void {
    addon.releaseHold(this.#number, deliver);
  }
}
