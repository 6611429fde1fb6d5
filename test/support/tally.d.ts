import type { Subscription, on } from 'sigbridge';

/** What became of a flood's numbers, which each sender sends in ascending order. */
export interface Tally {
  received: number;
  coalesced: number;
  /** Neither received nor coalesced; negative when there were too many. */
  lost: number;
  twice: number;
  /** Wrong in any field. */
  torn: number;
  /** How often a number came after a greater one of the same sender. */
  inversions: number;
  /** Their pids. */
  senders: number[];
}

export function tally(
  listen: typeof on,
  signal: number,
  count: number,
): { subscription: Subscription; settled: (sent?: number) => Promise<Tally> };
