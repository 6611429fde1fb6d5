import { openBridges } from '../core/bridge/bridge.js';
import { book, type Taker } from '../core/events/book.js';
import { openFlags } from '../core/receive/flag.js';
import { allListeners } from '../core/receive/listeners.js';
import { openHolds } from '../core/two-phases/hold.js';
import { callSite, type Site } from './callSite.js';

/** Told of each change of what {@link allTakers} gives back. */
export interface Reader {
  opened(taker: Taker): void;
  changed(taker: Taker): void;
  closed(taker: Taker): void;
}

const sites = new WeakMap<Taker, Site | null>();
const readers = new Set<Reader>();

/** From now on it is known where each subscription is made. */
export function keepBooks(): void {
  book.keeper = { made, opened, changed, closed };
}

/** Where it was made; `null` when that was before the books were kept. */
export function siteOf(taker: Taker): Site | null {
  return sites.get(taker) ?? null;
}

/** All subscriptions of this thread. */
export function allTakers(): Taker[] {
  return [...allListeners(), ...openFlags(), ...openHolds(), ...openBridges()];
}

/** Begins with what there is. */
export function addReader(reader: Reader): void {
  for (const taker of allTakers()) reader.opened(taker);
  readers.add(reader);
}

export function removeReader(reader: Reader): void {
  readers.delete(reader);
}

function made(taker: Taker): void {
  sites.set(taker, callSite());
}

function opened(taker: Taker): void {
  if (!sites.has(taker)) made(taker);
  for (const reader of readers) reader.opened(taker);
}

function changed(taker: Taker): void {
  for (const reader of readers) reader.changed(taker);
}

function closed(taker: Taker): void {
  for (const reader of readers) reader.closed(taker);
}
