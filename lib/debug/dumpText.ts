import type { ChainEntry, SignalState } from '../core/look/inspect.js';
import { allSignals, toName } from '../base/signal/names.js';
import { siteText } from './callSite.js';
import type { Dump, DumpedTaker } from './dumpModel.js';

const BLOCKABLE = allSignals()
  .map(toName)
  .filter((name) => name !== 'SIGKILL' && name !== 'SIGSTOP');

/** For people; native/dump writes much the same when JavaScript cannot. */
export function dumpText(dump: Omit<Dump, 'toString'>): string {
  return [
    `sigbridge dump of process ${dump.pid}: ${dump.command}`,
    'signals, where they are not at their default',
    ...dump.signals.flatMap((state) => signalLine(dump, state)),
    'threads',
    ...dump.threads.map(
      ({ tid, name, blocked, pending }) =>
        `  ${tid} ${name}: blocks ${namesText(blocked)}${pending.length > 0 ? `; pending ${pending.join(' ')}` : ''}`,
    ),
    `subscriptions of ${dump.threadId === 0 ? 'the main thread' : `worker ${dump.threadId}`}`,
    ...dump.subscriptions.map((taker, index) => `  ${takerLine(taker)}${extras(dump, index)}`),
    'end of dump',
  ].join('\n');
}

// A long list says less than what is missing in it.
function namesText(names: readonly string[]): string {
  const missing = BLOCKABLE.filter((name) => !names.includes(name));
  if (names.length === 0) return 'nothing';
  if (missing.length === 0) return 'everything';
  return missing.length < 16 ? `all but ${missing.join(' ')}` : names.join(' ');
}

function signalLine(
  { counters, holds }: Pick<Dump, 'counters' | 'holds'>,
  state: SignalState,
): string[] {
  const { signal, disposition, chain } = state;
  const counted = counters.find((one) => one.signal === signal);
  const held = holds.filter(({ signals }) => signals.includes(signal));
  if (disposition === 'default' && counted === undefined && held.length === 0) return [];
  const kept = held.reduce((sum, { counts }) => sum + (counts[signal] ?? 0), 0);
  return [
    `  ${signal}: ${chain.length > 0 ? chain.map(entryText).join(', then ') : standing(state)}` +
      (chain.length > 0 && state.owner !== 'sigbridge' ? ', over sigbridge' : '') +
      (counted === undefined
        ? ''
        : `; ${counted.arrived} arrived, ${counted.taken} taken, ${counted.folded} folded`) +
      (held.length > 0 ? `; held, ${kept} kept` : '') +
      (state.pending ? '; pending' : ''),
  ];
}

function standing({ disposition, owner, handler }: SignalState): string {
  if (disposition === 'handler' && handler !== null) return entryText({ owner, handler });
  return disposition === 'ignore' ? 'ignored' : 'default';
}

function entryText({ owner, handler }: ChainEntry): string {
  if (owner === 'sigbridge' || owner === 'libuv') return owner;
  const { module, symbol, offset, address } = handler;
  const place = `${symbol ?? ''}+0x${offset.toString(16)}`;
  return `${owner ?? 'nobody'} ${module === null ? address : `${module} ${place}`}`;
}

function takerLine({ kind, signals, madeAt }: DumpedTaker): string {
  return `${kind} of ${signals.join(' ')} at ${siteText(madeAt)}`;
}

// Channels and holds are among the subscriptions, in the same order.
function extras({ subscriptions, channels, holds }: Omit<Dump, 'toString'>, index: number): string {
  const kind = subscriptions[index]?.kind;
  const nth = subscriptions.slice(0, index).filter((one) => one.kind === kind).length;
  const channel = kind === 'channel' ? channels[nth] : undefined;
  if (channel !== undefined) {
    return `; ${channel.backlog} of ${channel.capacity} wait, ${channel.dropped} dropped`;
  }
  const hold = kind === 'hold' ? holds[nth] : undefined;
  if (hold === undefined) return '';
  const counts = Object.entries(hold.counts).map(([signal, count]) => `${signal} ${count}`);
  return `; kept ${counts.join(', ')}`;
}
