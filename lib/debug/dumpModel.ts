import type { Displacement } from '../core/events/Displacement.js';
import type { Taker } from '../core/events/book.js';
import type { Inherited } from '../core/look/inherited.js';
import type { SignalState } from '../core/look/inspect.js';
import type { ThreadSignals } from '../core/look/process.js';
import type { Site } from './callSite.js';
import type { Counters } from './counters.js';

/** How many of a signal have arrived in this process, and what became of them. */
export interface DumpedCounters extends Counters {
  /** The signal's name. */
  readonly signal: string;
}

/** A listener, channel, flag, hold or bridge of the calling thread. */
export interface DumpedTaker {
  /** What it is: a listener, a channel and so on. */
  readonly kind: Taker['kind'];
  /** The signals that it takes. */
  readonly signals: readonly string[];
  /** `null` for what was made before `sigbridge/debug` was loaded. */
  readonly madeAt: Site | null;
}

export interface DumpedChannel extends DumpedTaker {
  /** How many events may wait. */
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
  /** This process's id. */
  readonly pid: number;
  /** This process's command line, arguments joined by blanks. */
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
  /** What this process was started with. */
  readonly inherited: Inherited;
  /** Signals whose handler somebody has installed over sigbridge's. */
  readonly displaced: readonly Displacement[];
  /** All takers of the calling thread, channels and holds included. */
  readonly subscriptions: readonly DumpedTaker[];
  /** Channels that are open in this thread. */
  readonly channels: readonly DumpedChannel[];
  /** Holds that are open in this thread. */
  readonly holds: readonly DumpedHold[];
  /** Of each signal that has come while somebody listened. */
  readonly counters: readonly DumpedCounters[];
  /** The same for people, a line each. */
  toString(): string;
}
