import { threadId } from 'node:worker_threads';
import { displaced, type Displacement } from '../core/bridge/displaced.js';
import { SignalError } from '../base/errors/SignalError.js';
import type { Taker } from '../core/events/book.js';
import { inherited, type Inherited } from '../core/look/inherited.js';
import { inspectAll, type SignalState } from '../core/look/inspect.js';
import { readProcess, type ThreadSignals } from '../core/look/process.js';
import { openHolds } from '../core/two-phases/hold.js';
import { isChannel } from './backlog.js';
import { allTakers, siteOf } from './books.js';
import type { Site } from './callSite.js';
import { countersOf, type Counters } from './counters.js';
import { dumpText } from './dumpText.js';

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

/**
 * The whole state of signals in this process: dispositions, owners and chains, the masks of all
 * threads, what subscribes in this thread and where that was made, and what has come so far. Changes
 * nothing. May be called from any thread; takes about a millisecond.
 */
export function dump(): Dump {
  const signals = inspectAll();
  const { command, threads, shared } = ownProcess();
  const takers = allTakers();
  const state = {
    pid: process.pid,
    command,
    threadId,
    time: new Date().toISOString(),
    signals,
    threads,
    pending: shared.pending,
    inherited: inherited(),
    displaced: displaced(),
    subscriptions: takers.map(dumped),
    channels: takers.filter(isChannel).map((channel) => {
      const { capacity, backlog, dropped } = channel;
      return { ...dumped(channel), capacity, backlog, dropped };
    }),
    holds: [...openHolds()].map((hold) => ({ ...dumped(hold), counts: hold.counts() })),
    counters: signals
      .map(({ signal, number }) => ({ signal, ...countersOf(number) }))
      .filter(({ arrived }) => arrived > 0),
  };
  // Not among what is listed, or made JSON of.
  return Object.defineProperty(state, 'toString', { value: () => dumpText(state) });
}

function dumped(taker: Taker): DumpedTaker {
  const { kind, signals } = taker;
  return { kind, signals, madeAt: siteOf(taker) };
}

function ownProcess(): {
  command: string;
  threads: readonly ThreadSignals[];
  shared: { pending: readonly string[] };
} {
  try {
    return readProcess();
  } catch (error) {
    if (!(error instanceof SignalError) || error.code !== 'ERR_UNSUPPORTED') throw error;
    return { command: process.argv.join(' '), threads: [], shared: { pending: [] } };
  }
}
