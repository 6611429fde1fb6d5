import { threadId } from 'node:worker_threads';
import { displaced } from '../core/bridge/displaced.js';
import { SignalError } from '../base/errors/SignalError.js';
import type { Taker } from '../core/events/book.js';
import { inherited } from '../core/look/inherited.js';
import { inspectAll } from '../core/look/inspect.js';
import { readProcess, type ThreadSignals } from '../core/look/process.js';
import { openHolds } from '../core/two-phases/hold.js';
import { isChannel } from './backlog.js';
import { allTakers, siteOf } from './books.js';
import { countersOf } from './counters.js';
import type { Dump, DumpedTaker } from './dumpModel.js';
import { dumpText } from './dumpText.js';

/**
 * The whole state of signals in this process: dispositions, owners and chains, the masks of all
 * threads, what subscribes in this thread and where that was made, and what has come so far. Changes
 * nothing. May be called from any thread; takes about a millisecond.
 * Sources: as inspect, and proc_pid_status(5).
 * @throws ERR_UNSUPPORTED (no native part)
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
    // There is no /proc, or it must not be read.
    const isMissing = error instanceof SignalError && /UNSUPPORTED|PERMISSION/.test(error.code);
    if (!isMissing) throw error;
    return { command: process.argv.join(' '), threads: [], shared: { pending: [] } };
  }
}
