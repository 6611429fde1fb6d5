import type { Site } from '../callSite.js';
import { byId, cell, element, fillTable } from './elements.js';
import { count, duration, sum } from './numbers.js';
import type { State } from './state.js';

/** The numbers at the top. */
export function showTiles({ latency, counters, channels, subscriptions }: State): void {
  const at = (percent: number): string => {
    const found = latency?.percentiles.find(([least]) => least >= percent);
    return found === undefined ? '–' : duration(found[1]);
  };
  const lost = sum(channels.map(({ dropped }) => dropped));
  const folded = sum(counters.map((one) => one.folded));
  byId('tiles').replaceChildren(
    tile('deliveries', count(latency?.count ?? 0)),
    tile('latency, half of them', at(50)),
    tile('latency, 99 %', at(99)),
    tile('the longest', latency === null ? '–' : duration(latency.max)),
    tile('subscriptions', count(subscriptions.length)),
    tile('arrivals folded', count(folded), folded > 0),
    tile('dropped by channels', count(lost), lost > 0),
  );
}

function tile(what: string, value: string, bad = false): HTMLElement {
  return element(
    'div',
    bad ? 'tile bad' : 'tile',
    element('b', '', value),
    element('span', '', what),
  );
}

export function showSubscriptions({ subscriptions, channels, holds }: State): void {
  // They are among the subscriptions, in the same order.
  const rest = { channel: [...channels], hold: [...holds] };
  fillTable(
    'subscriptions',
    subscriptions.map(({ kind, signals, madeAt }) => [
      cell('', kind),
      cell('code', signals.join(' ')),
      cell('code', siteText(madeAt)),
      cell('', kind === 'channel' || kind === 'hold' ? takerText(rest[kind].shift()) : ''),
    ]),
  );
}

function siteText(site: Site | null): string {
  if (site === null) return 'before sigbridge/debug was loaded';
  const within = site.function === null ? '' : ` (${site.function})`;
  return `${site.file}:${site.line}:${site.column}${within}`;
}

function takerText(taker: State['channels'][number] | State['holds'][number] | undefined): string {
  if (taker === undefined) return '';
  if ('counts' in taker) return `${count(sum(Object.values(taker.counts)))} kept`;
  const { backlog, capacity, dropped } = taker;
  return `${count(backlog)} of ${count(capacity)} wait, ${count(dropped)} dropped`;
}

const SHORT = 8;

export function showThreads({ threads, signals }: State): void {
  // What cannot be blocked is in no mask.
  const all = signals.filter(({ traits }) => traits.catchable).map(({ signal }) => signal);
  const text = (blocked: readonly string[]): string => {
    const missing = all.filter((name) => !blocked.includes(name));
    if (blocked.length === 0) return 'nothing';
    if (missing.length === 0) return 'everything';
    return missing.length < SHORT ? `all but ${missing.join(' ')}` : blocked.join(' ');
  };
  fillTable(
    'threads',
    threads.map(({ tid, name, blocked }) => [
      cell('number', tid),
      cell('', name),
      cell('code', text(blocked)),
    ]),
  );
}
