import type { Displacement } from '../core/events/Displacement.js';
import type { Taker } from '../core/events/book.js';
import type { Inherited } from '../core/look/inherited.js';
import type { SignalState } from '../core/look/inspect.js';
import type { ThreadSignals } from '../core/look/process.js';
import type { Site } from './callSite.js';
import type { Counters } from './counters.js';

/** How many of a signal have arrived in this process, and what became of them. */
export interface DumpedCounters extends Counters {
  readonly signal: string;
}

/** A listener, channel, flag, hold or bridge of the calling thread. */
export interface DumpedTaker {
  readonly kind: Taker['kind'];
  readonly signals: readonly string[];
  /** `null` for what was made before `sigbridge/debug` was loaded. */
  readonly madeAt: Site | null;
}

export interface DumpedChannel extends DumpedTaker {
  readonly capacity: number;
  /** Events that wait to be taken. */
  readonly backlog: number;
  /** Arrivals that there was no room for. */
  readonly dropped: number;
}

export interface DumpedHold extends DumpedTaker {
  /** How many arrivals of each signal it has kept. */
  readonly counts: Readonly<Record<string, number>>;
}

/** How all signals stood in this process at one moment; `String(dump)` tells it to people. */
export interface Dump {
  readonly pid: number;
  readonly command: string;
  /** Whose subscriptions, and whose `blocked` in `signals`: `worker_threads.threadId`. */
  readonly threadId: number;
  /** ISO 8601. */
  readonly time: string;
  /** Disposition, owner and chain of each signal, as `inspectAll`. */
  readonly signals: readonly SignalState[];
  /** The mask of each thread of the process; empty where there is no /proc. */
  readonly threads: readonly ThreadSignals[];
  /** Waiting for any thread of the process. */
  readonly pending: readonly string[];
  readonly inherited: Inherited;
  readonly displaced: readonly Displacement[];
  /** All takers of the calling thread, channels and holds included. */
  readonly subscriptions: readonly DumpedTaker[];
  readonly channels: readonly DumpedChannel[];
  readonly holds: readonly DumpedHold[];
  /** Of each signal that has come while somebody listened. */
  readonly counters: readonly DumpedCounters[];
  /** The same for people, a line each. */
  toString(): string;
}
