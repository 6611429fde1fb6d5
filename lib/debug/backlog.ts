import type { Taker } from '../core/events/book.js';

/** What a channel keeps, beside what every taker has. */
export interface Backlog {
  readonly capacity: number;
  /** Events that wait to be taken. */
  readonly backlog: number;
  readonly dropped: number;
}

export function isChannel<Some extends Taker>(taker: Some): taker is Some & Backlog {
  return taker.kind === 'channel';
}
