// Listeners put on `process` where it keeps them, past `process.on`: that would have libuv watch a signal
// for nobody, and tell of it by 'newListener'. What `process` keeps them in is Node's own affair, but has
// stood since its first versions (https://github.com/nodejs/node/blob/main/lib/events.js).

export type AnyListener = (...args: never[]) => unknown;

/** Several of one event. Node marks it when it has warned that there are too many. */
export interface Listeners extends Array<AnyListener> {
  warned?: unknown;
}

export interface Emitter {
  _events?: Record<string | symbol, AnyListener | Listeners | undefined>;
  _eventsCount: number;
}

/** `process`; without `_events` in a runtime that keeps its listeners elsewhere. */
export const emitter = process as unknown as Emitter;

/** The events that somebody listens to; those with symbols for names may be missing. */
export function namesThere(): readonly unknown[] {
  return emitter._events === undefined ? process.eventNames() : Object.keys(emitter._events);
}

/** How many listeners of this event are such ones. */
export function count(name: string, isWanted: (listener: unknown) => boolean): number {
  const there = emitter._events?.[name];
  if (typeof there === 'function') return isWanted(there) ? 1 : 0;
  return there?.filter(isWanted).length ?? 0;
}

/** Does nothing where `process` keeps its listeners elsewhere. */
export function insert(name: string, listener: AnyListener, first = false): void {
  const events = emitter._events;
  if (events === undefined) return;
  const there = events[name];
  if (there === undefined) {
    events[name] = listener;
    emitter._eventsCount++;
  } else if (typeof there === 'function') {
    events[name] = first ? [listener, there] : [there, listener];
  } else if (first) {
    there.unshift(listener);
  } else {
    there.push(listener);
  }
}

/** The newest such one; does nothing where there is none. */
export function remove(name: string, listener: AnyListener): void {
  const events = emitter._events;
  const there = events?.[name];
  if (events === undefined || there === undefined) return;
  if (typeof there === 'function') {
    if (there === listener) removeName(events, name);
    return;
  }
  const at = there.lastIndexOf(listener);
  if (at >= 0) there.splice(at, 1);
  if (there.length === 1) events[name] = there[0];
  else if (there.length === 0) removeName(events, name);
}

function removeName(events: NonNullable<Emitter['_events']>, name: string): void {
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  delete events[name];
  emitter._eventsCount--;
}
