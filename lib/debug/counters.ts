import { addon } from '../base/native/addon.js';

/** What became of a signal's arrivals since the process began, in all threads together. */
export interface Counters {
  /** Seen by sigbridge's handler while somebody listened. */
  readonly arrived: number;
  /** Events that event loops have taken: each thread that listens takes its own. */
  readonly taken: number;
  /** Arrivals that were folded into one of these, because there was no room to keep each. */
  readonly folded: number;
}

const row = new BigInt64Array(new ArrayBuffer(3 * 8));

export function countersOf(number: number): Counters {
  addon.counters(number, row);
  const [arrived = 0n, taken = 0n, folded = 0n] = row;
  return { arrived: Number(arrived), taken: Number(taken), folded: Number(folded) };
}
