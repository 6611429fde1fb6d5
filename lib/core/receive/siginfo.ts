import { addon } from '../../base/native/addon.js';
import type { SignalEvent } from '../events/SignalEvent.js';

// How many want the siginfo of a signal kept, by its number. Most events never need theirs.
const wanted: number[] = [];
const kept = new WeakMap<SignalEvent, Int32Array>();

/** From now on events of this signal keep their siginfo, as the handler captured it. */
export function wantInfo(number: number): void {
  wanted[number] = (wanted[number] ?? 0) + 1;
}

export function unwantInfo(number: number): void {
  wanted[number] = (wanted[number] ?? 1) - 1;
}

/** Keeps what lies in `rows` from `at` on, if somebody wants it. */
export function keepInfo(event: SignalEvent, rows: Int32Array, at: number): void {
  if (wanted[event.number]) kept.set(event, rows.slice(at, at + addon.infoFields));
}

/** The bytes of an event's siginfo, given out once. */
export function takeInfo(event: SignalEvent): Int32Array | undefined {
  const info = kept.get(event);
  kept.delete(event);
  return info;
}
