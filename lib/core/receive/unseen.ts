// What listens on `process` for sigbridge itself: to its last moments, and to who comes and goes there.
// Whoever counts the listeners of `process` does not find it, Node's warning of too many comes no sooner by
// it, and after the last one nothing of ours is there.
import { count, emitter, insert, remove, type AnyListener, type Listeners } from './pastOn.js';

interface Own {
  readonly event: string;
  readonly listener: AnyListener;
  readonly first: boolean;
}
const own: Own[] = [];

// Where `process` does not keep its listeners as Node's does.
const elsewhere = process as unknown as Record<
  'on' | 'off' | 'prependListener',
  (event: string, listener: AnyListener) => void
>;

/** Until {@link leaveUnseen}. `first`: before all that are there. */
export function listenUnseen(event: string, listener: AnyListener, first = false): void {
  if (!(MARK in listener)) Object.defineProperty(listener, MARK, { value: true });
  if (own.length === 0) cover();
  const one = { event, listener, first };
  own.push(one);
  put(one);
}

/** Does nothing where it does not listen. */
export function leaveUnseen(event: string, listener: AnyListener): void {
  const at = own.findIndex((one) => one.event === event && one.listener === listener);
  if (at < 0) return;
  own.splice(at, 1);
  take(event, listener);
  if (own.length === 0) uncover();
}

function put({ event, listener, first }: Own): void {
  if (emitter._events !== undefined) insert(event, listener, first);
  else if (first) elsewhere.prependListener(event, listener);
  else elsewhere.on(event, listener);
}

function take(event: string, listener: AnyListener): void {
  if (emitter._events === undefined) {
    elsewhere.off(event, listener);
    return;
  }
  remove(event, listener);
  const there = emitter._events[event];
  if (typeof there === 'object') forgetRoom(there);
}

/** Somebody has taken away all listeners of an event, and does not know of ours. */
export function wasTaken(listener: unknown): void {
  if (!isUnseen(listener)) return;
  queueMicrotask(() => {
    for (const one of own) {
      if (count(one.event, (listener) => listener === one.listener) === 0) put(one);
    }
  });
}

const MARK = Symbol.for('sigbridge.unseen');

// Of another copy in this process too.
function isUnseen(listener: unknown): boolean {
  return typeof listener === 'function' && MARK in listener;
}

const NOT_YET = 'not yet';

/** Somebody is about to add a listener: whether there are too many is asked without ours. */
export function makeRoom(event: string | symbol): void {
  const there = emitter._events?.[event];
  if (there === undefined) return;
  const list: Listeners = typeof there === 'function' ? [there] : there;
  const seen = list.filter((listener) => !isUnseen(listener)).length + 1;
  if (seen > list.length) return;
  const most = process.getMaxListeners();
  forgetRoom(list);
  if (seen > most || list.length < most || list.warned !== undefined) return;
  list.warned = NOT_YET;
  if (emitter._events !== undefined) emitter._events[event] = list;
}

function forgetRoom(list: Listeners): void {
  if (list.warned === NOT_YET) delete list.warned;
}

// What counts the listeners of `process` is put on itself while there are ours, over what all emitters
// have. Copies of sigbridge share it, and the last one takes it away.
const NAMES = ['listenerCount', 'listeners', 'rawListeners', 'eventNames'] as const;
type Counting = Pick<NodeJS.EventEmitter, (typeof NAMES)[number]>;

const COVERS = Symbol.for('sigbridge.unseen.covers');
interface Covers {
  copies: number;
  readonly own: Counting;
  readonly before: PropertyDescriptorMap;
}
const covered = process as { [COVERS]?: Covers };

function covering({ listenerCount, listeners, rawListeners, eventNames }: Counting): Counting {
  // Somebody's own that has come over it may call it later on, below the next one.
  const isUnseenHere = (listener: unknown): boolean =>
    covered[COVERS]?.own === own && isUnseen(listener);
  const isSeen = (listener: unknown): boolean => !isUnseenHere(listener);
  const own: Counting = {
    listenerCount(event: string, listener?: () => void) {
      const all: number = Reflect.apply(listenerCount, this, [event, listener]);
      if (all === 0 || listener != null) return all;
      return all - Reflect.apply(rawListeners, this, [event]).filter(isUnseenHere).length;
    },
    listeners(event: string) {
      return Reflect.apply(listeners, this, [event]).filter(isSeen);
    },
    rawListeners(event: string) {
      return Reflect.apply(rawListeners, this, [event]).filter(isSeen);
    },
    eventNames() {
      const names = Reflect.apply(eventNames, this, []);
      return names.filter((name) => Reflect.apply(rawListeners, this, [name]).some(isSeen));
    },
  };
  return own;
}

function cover(): void {
  const others = covered[COVERS];
  if (others !== undefined) {
    others.copies++;
    return;
  }
  const before: PropertyDescriptorMap = {};
  const own = covering(process);
  for (const name of NAMES) {
    const there = Object.getOwnPropertyDescriptor(process, name);
    if (there !== undefined) before[name] = there;
    define(name, own[name]);
  }
  define(COVERS, { copies: 1, own, before } satisfies Covers);
}

// As methods of a class are: whoever lists what `process` has does not meet them.
function define(name: string | symbol, value: unknown): void {
  Object.defineProperty(process, name, { value, configurable: true, writable: true });
}

function uncover(): void {
  const there = covered[COVERS];
  if (there === undefined || --there.copies > 0) return;
  Reflect.deleteProperty(process, COVERS);
  for (const name of NAMES) {
    // Somebody's own that has come over it stays.
    if (Reflect.get(process, name) !== there.own[name]) continue;
    Reflect.deleteProperty(process, name);
    const before = there.before[name];
    if (before !== undefined) Object.defineProperty(process, name, before);
  }
}
