import { check } from '../../base/native/check.js';
import { addon } from '../../base/native/addon.js';
import { arrivals, tellArrival } from '../events/channels.js';
import { warnOfLateThread, warnOfLostOrder } from './order.js';
import { keepInfo } from './siginfo.js';
import { EVENT_FIELDS, SignalEvent } from '../events/SignalEvent.js';

/** Events that the native part hands over at once: kBatch of native/binding/environment.h. */
const BATCH = 256;
/** Batches in one turn of the event loop, so that a flood leaves room for the rest of the program. */
const BATCHES_A_TURN = 16;

let rowFields = 0;
let rows = new Int32Array(0);

// Handed over, but not yet delivered. Kept outside the loop below: a listener may call
// process.exit(), whose last look must go on where that delivery stopped.
let waiting: SignalEvent[] = [];
let next = 0;
let takenAt = 0n;

// Of each copy of this module that shares the native part's instance, as under Jest: it calls the last one.
const BEGIN = Symbol.for('sigbridge.begin');
const shared = addon as unknown as Record<symbol, (() => void)[] | undefined>;

/**
 * Starts the flow of events into `deliver`, after `begin` in each turn; once for each environment. Who asks
 * by async_hooks what keeps the loop alive, as why-is-node-running does, is told by `hasRef`.
 */
export function openInbox(
  deliver: (event: SignalEvent) => void,
  begin: () => void,
  hasRef: () => boolean,
): void {
  rowFields = EVENT_FIELDS + addon.infoFields;
  // Behind the rows: the number of a real-time signal whose order could not be kept, or 0; negative for the
  // fault of a thread that has been told since.
  rows = new Int32Array(new ArrayBuffer((BATCH * rowFields + 1) * 4));
  const beginnings = (shared[BEGIN] ??= []);
  beginnings.push(begin);
  const deliverSome = (collected: number): void => {
    for (const each of beginnings) each();
    if (collected === 0) return;
    read(collected);
    deliverWaiting(deliver);
    // What has come since asks for a turn of its own.
    if (collected < BATCH) return;
    for (let turn = 1; turn < BATCHES_A_TURN; turn++) {
      if (!deliverBatch(deliver)) return;
    }
    addon.deliverAgain();
  };
  const errno = addon.startDelivery(rows, deliverSome, { hasRef });
  check(errno, 'uv_async_init');
}

/** Delivers all that has arrived, now. */
export function drain(deliver: (event: SignalEvent) => void): void {
  while (deliverBatch(deliver));
}

function deliverBatch(deliver: (event: SignalEvent) => void): boolean {
  if (next >= waiting.length && !fetch()) return false;
  deliverWaiting(deliver);
  return true;
}

function deliverWaiting(deliver: (event: SignalEvent) => void): void {
  while (next < waiting.length) {
    // Counted before the call, which may come back here.
    const event = waiting[next++];
    if (event !== undefined) hand(event, deliver);
  }
}

function hand(event: SignalEvent, deliver: (event: SignalEvent) => void): void {
  if (arrivals.hasSubscribers) tellArrival({ event, takenAt });
  deliver(event);
}

function fetch(): boolean {
  const count = addon.collect();
  read(count);
  return count > 0;
}

// What the native part has written.
function read(count: number): void {
  const lost = rows[BATCH * rowFields];
  if (lost !== undefined && lost > 0) warnOfLostOrder(lost);
  else if (lost !== undefined && lost < 0) warnOfLateThread(-lost);
  if (arrivals.hasSubscribers) takenAt = process.hrtime.bigint();
  waiting = [];
  next = 0;
  for (let index = 0; index < count; index++) {
    const at = index * rowFields;
    const event = new SignalEvent(rows, at);
    keepInfo(event, rows, at + EVENT_FIELDS);
    waiting.push(event);
  }
}
