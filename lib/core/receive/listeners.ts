// Who listens to what in this thread: each gets each event once, in the order in which they came, until it has gone.
// Longer than most files: adding, leaving and delivering share the one list.
import { addon } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { book, type Taker } from '../events/book.js';
import { changing } from '../events/changing.js';
import { deliveries, overflows, tellDelivery, tellOverflow } from '../events/channels.js';
import { usesLibuv } from '../../base/native/load.js';
import { toName } from '../../base/signal/names.js';
import { systemConstants } from '../../base/signal/numbers.js';
import { collectDebts } from './debts.js';
import { drain, openInbox } from './inbox.js';
import { followNewWorkers } from './newWorkers.js';
import { handlersOf } from '../bridge/handlers.js';
import { forgetOrder, orderRefused, warnOfOrder } from './order.js';
import { forgetOverflow, warnOfOverflow } from './overflowWarning.js';
import { followProcessListeners, leaveProcessListeners } from './processListeners.js';
import { leave, stand } from './standIns.js';
import { leaveUnseen, listenUnseen } from './unseen.js';
import { announceWatchers, endAnnouncing, isAnnouncing } from './untilHeld.js';
import type { SignalEvent } from '../events/SignalEvent.js';

/** What is called for a signal in this environment. */
export interface Listener extends Taker {
  /** Whether a C handler that stood before is to be called as well. */
  readonly wantsPrevious: boolean;
  /** Whether a real-time signal's arrivals keep their order; undefined: where that harms nobody. */
  readonly ordered: boolean | undefined;
  readonly ref: boolean;
  receive(event: SignalEvent): void;
}

// By signal number. A list is replaced, never changed, so that one that is being walked stays whole.
const lists: (readonly Listener[] | undefined)[] = [];
const NOBODY: readonly Listener[] = [];

// Signals that the native part has been told of in one step, before their listeners come.
const NOTHING: ReadonlySet<number> = new Set();
let ahead = NOTHING;

/** While `add` runs, the native part knows of the first listeners of these signals already. */
export function knownAhead(numbers: ReadonlySet<number>, add: () => void): void {
  ahead = numbers;
  try {
    add();
  } finally {
    ahead = NOTHING;
  }
}

let open = false;
let refs = 0;

// Whoever takes signals in this environment: listeners by signal, flags, holds, bridges, watchdogs.
let takers = 0;
let following = false;

/** What wants to know that somebody begins to listen to a signal, in this environment. */
export const registrations = new Set<(number: number) => void>();

/** How many listen to a signal in this environment. */
export function countListeners(number: number): number {
  return lists[number]?.length ?? 0;
}

/** All or nothing. @throws when the system refuses; nothing has changed then */
export function addToAll(numbers: readonly number[], listener: Listener): void {
  let added = 0;
  try {
    for (; added < numbers.length; added++) add(numbers[added] ?? 0, listener);
  } catch (error) {
    removeFromAll(numbers.slice(0, added), listener);
    throw error;
  }
  book.keeper?.opened(listener);
}

/** Does nothing where the listener is not there. */
export function removeFromAll(numbers: readonly number[], listener: Listener): void {
  for (const number of numbers) remove(number, listener);
  book.keeper?.closed(listener);
}

/** Who listens in this environment, each once. */
export function allListeners(): Set<Listener> {
  return new Set(lists.flatMap((list) => list ?? NOBODY));
}

function add(number: number, listener: Listener): void {
  const before = lists[number] ?? NOBODY;
  const after = before.length === 0 ? [listener] : [...before, listener];
  if (before.length === 0) startReceiving();
  if ((before.length === 0 || differ(before, after)) && !ahead.has(number)) {
    const subscribe = (): number => subscribeFor(number, after);
    const errno = before.length === 0 ? changing(number, 'first-listener', subscribe) : subscribe();
    if (errno !== 0) {
      if (before.length === 0) stopReceiving();
      if (errno === systemConstants().errno.EBUSY)
        throw orderRefused(toName(number), handlersOf(number)[0]);
      check(errno, 'sigaction', { signal: toName(number) });
    }
    if (isRealtime(number) && listener.ordered === undefined) warnOfOrder(number);
  }
  lists[number] = after;
  if (before.length === 0) stand(number);
  if (listener.ref && ++refs === 1) addon.keepAlive(true);
  for (const tell of registrations) tell(number);
}

function remove(number: number, listener: Listener): void {
  const before = lists[number] ?? NOBODY;
  const after = before.length === 1 && before[0] === listener ? NOBODY : without(before, listener);
  if (after.length === before.length) return;
  lists[number] = after;
  if (after.length === 0) {
    leave(number);
    changing(number, 'last-close', () => {
      addon.unsubscribe(number);
    });
    forgetOverflow(number);
    forgetOrder(number);
    if (isRealtime(number)) collectDebts();
    stopReceiving();
  } else if (differ(before, after)) {
    subscribeFor(number, after);
  }
  if (listener.ref && --refs === 0) addon.keepAlive(false);
}

function without(list: readonly Listener[], listener: Listener): readonly Listener[] {
  return list.filter((other) => other !== listener);
}

// One that wants the C handler kept is enough: it was there before any of us.
/** @internal */
export function wantsPrevious(list: readonly Listener[]): boolean {
  return list.some((listener) => listener.wantsPrevious);
}

// 0 where there are none.
/** @internal */
export function isRealtime(number: number): boolean {
  const first = addon.constants.sigrtmin;
  return first > 0 && number >= first;
}

// One that insists is enough, and one that leaves it to us asks for more than one that does without.
/** @internal */
export function ordering(list: readonly Listener[]): 0 | 1 | 2 {
  if (list.some(({ ordered }) => ordered === true)) return 1;
  return list.some(({ ordered }) => ordered === undefined) ? 0 : 2;
}

function differ(before: readonly Listener[], after: readonly Listener[]): boolean {
  return wantsPrevious(before) !== wantsPrevious(after) || ordering(before) !== ordering(after);
}

function subscribeFor(number: number, list: readonly Listener[]): number {
  return addon.subscribe(number, wantsPrevious(list), ordering(list));
}

/**
 * Opens this environment's inbox, and follows `process` for as long as somebody takes signals: each
 * call is owed a {@link stopReceiving}. @throws ERR_UNSUPPORTED
 */
export function startReceiving(): void {
  if (!open) {
    openInbox(deliver, beginTurn, () => refs > 0);
    followNewWorkers();
    open = true;
  }
  takers++;
  const begins = !following;
  if (begins) {
    followProcessListeners();
    // A loop that has nothing else to do ends without looking at what has just arrived.
    listenUnseen('beforeExit', drainNow);
    listenUnseen('exit', drainAtExit);
    following = true;
  }
  announceWatchers(begins);
}

/** One taker less; after the last one nothing of ours stays on `process`. */
export function stopReceiving(): void {
  // A turn later: who comes and goes in a loop pays for it once. Elsewhere than in Node our own turn may be late.
  if (--takers > 0 || isAnnouncing()) return;
  if (usesLibuv) addon.deliverAgain();
  else setImmediate(beginTurn);
}

// Before what has arrived is delivered: a listener that leaves and comes again in one turn stays as well.
function beginTurn(): void {
  endAnnouncing();
  if (takers === 0 && following) leaveProcess();
}

function leaveProcess(): void {
  if (leaveProcessListeners()) collectDebts();
  leaveUnseen('beforeExit', drainNow);
  leaveUnseen('exit', drainAtExit);
  following = false;
}

function drainNow(): void {
  drain(deliver);
}

// Whose turn it still is with the event that is being delivered. Kept outside the loop: a listener may
// call process.exit(), and the others are called then.
let event: SignalEvent;
let listeners = NOBODY;
let next = 0;

function deliver(arrived: SignalEvent): void {
  if (arrived.coalesced > 0) tellOfOverflow(arrived);
  event = arrived;
  listeners = lists[arrived.number] ?? NOBODY;
  next = 0;
  deliverToTheRest();
}

function tellOfOverflow(arrived: SignalEvent): void {
  warnOfOverflow(arrived);
  if (!overflows.hasSubscribers) return;
  tellOverflow({ where: 'inbox', event: arrived, count: arrived.coalesced });
}

function deliverToTheRest(): void {
  for (let listener = listeners[next++]; listener !== undefined; listener = listeners[next++]) {
    if (deliveries.hasSubscribers) {
      deliverWatched(listener, event);
      continue;
    }
    try {
      listener.receive(event);
    } catch (error) {
      fail(error);
    }
  }
}

function deliverWatched(to: Listener, watched: SignalEvent): void {
  const startedAt = process.hrtime.bigint();
  let failure: { error: unknown } | undefined;
  try {
    to.receive(watched);
  } catch (error) {
    failure = { error };
  }
  const endedAt = process.hrtime.bigint();
  if (failure !== undefined) fail(failure.error);
  tellDelivery({ event: watched, to, startedAt, endedAt, ...failure });
}

let ending = false;

// As an error of its own, so that the other listeners are still called.
function fail(error: unknown): void {
  if (ending) {
    failAtExit(error);
    return;
  }
  process.nextTick(() => {
    throw error;
  });
}

// No tick comes any more, and what is thrown in an exit listener would come out of the program's own
// call of process.exit(), and keep it from ending.
function failAtExit(error: unknown): void {
  const emitter: NodeJS.EventEmitter = process;
  if (emitter.emit('uncaughtException', error, 'uncaughtException')) return;
  process.exitCode = 1;
  console.error(error);
}

function drainAtExit(): void {
  ending = true;
  deliverToTheRest();
  drain(deliver);
}
