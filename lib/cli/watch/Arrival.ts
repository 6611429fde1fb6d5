import type { Person } from './people.js';

/**
 * What became of a signal:
 *
 * - `handled`: a handler was called; `default`: its default action was done; `killed`: that ended the process
 * - `ignored`: on arrival or when it was to be taken; `merged`: one such was pending already
 * - `refused`: the queue of its user was full; `taken`: without a handler: sigwait(3), signalfd(2)
 * - `pending`: blocked, or its process is stopped; `ended`: the process ended, and it was
 *   not seen being taken
 * - `unknown`: what would tell was lost
 */
export type Outcome =
  | 'handled'
  | 'default'
  | 'killed'
  | 'ignored'
  | 'merged'
  | 'refused'
  | 'taken'
  | 'pending'
  | 'ended'
  | 'unknown';

/** @internal A signal on its way. */
export interface Arrival {
  id: number;
  /** Microseconds of CLOCK_MONOTONIC. */
  time: number;
  number: number;
  signal: string;
  code: number;
  /** `null` where the kernel sent it by itself. */
  sender: Person | null;
  /** What the kernel sent it for, as far as that is certain. */
  reason: string | null;
  target: Person;
  /** The thread it was meant for, or `null` for the whole process. */
  thread: number | null;
  outcome: Outcome | null;
  handler: string | null;
  /** From the sending to the taking, in microseconds. */
  after: number | null;
}
