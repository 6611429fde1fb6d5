import { Agent } from 'node:http';
import { Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import { readOptions } from '../../base/errors/options.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import type { StageTask } from '../stage.js';

/** What {@link closable} looks for, in this order: what waits for answers first. */
const METHODS = ['quit', 'end', 'close', 'disconnect', 'destroy'] as const;

/** How long what gives no promise is waited for: whether it says that it has closed is not known. */
const SAYS_SO_MS = 1_000;

/** How {@link closable} ends a thing. */
export interface ClosableOptions {
  /** The method that ends it, where it is another one, `'$disconnect'` or `'shutdown'`. */
  method?: string;
  /**
   * The method takes a callback, `(error) => …`, and is done when that is called: `tryShutdown` of gRPC,
   * `end` of mysql, `close` of sqlite3. Without this option it is called with no arguments.
   */
  callback?: boolean;
}

/**
 * A stage that ends whatever has `quit()`, `end()`, `close()`, `disconnect()` or `destroy()`; of
 * several, the first of these, which waits for answers where the others do not; a server, which has
 * `listen()`, by `close()`. It lasts until the promise that the call gives has settled, or, with the
 * option `callback`, until its callback is called. What gives neither is waited for until all is
 * written, if it is a stream, or else, where it emits events, until `'close'` or `'end'`, for a second
 * at most. For the thread of the shutdown, which is the main thread.
 * @throws ERR_INVALID_ARG for what has none of these, and for bad options
 */
export function closable(thing: object, options?: ClosableOptions): StageTask {
  const given = readOptions(options, { method: 'string', callback: 'boolean' }) as ClosableOptions;
  // An application of Nest's has an end() as well, which ends a single answer.
  const methods = has(thing, 'listen') && has(thing, 'close') ? ['close'] : METHODS;
  const { method = methods.find((name) => has(thing, name)) } = given;
  if (method === undefined || !has(thing, method)) {
    const expected = given.method ?? METHODS.join('(), ');
    throw invalidArg('thing', thing, `an object with a method ${expected}()`);
  }
  if (given.callback === true) return () => called(thing, method);
  return async () => {
    const said = isEmitter(thing) && !(thing instanceof Agent) ? whenItSays(thing) : null;
    const written = isWritable(thing) ? finished(thing, { readable: false }) : null;
    // What it rejects with is awaited below.
    written?.catch(() => undefined);
    const given = (thing as Record<string, () => unknown>)[method]?.();
    if (isPromise(given)) await given;
    else if (written !== null) await written;
    if (!isPromise(given) && (written === null || isRead(thing))) await said;
  };
}

type TakesCallback = (done: (error?: Error | null) => void) => unknown;

function called(thing: object, method: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const given = (thing as Record<string, TakesCallback>)[method]?.((error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
    // It may refuse by a promise, and never call back then.
    if (isPromise(given)) given.then(undefined, reject);
  });
}

type Emitter = Pick<NodeJS.EventEmitter, 'on' | 'off'>;

// MQTT.js's client, for one, has all that an EventEmitter has, and is none.
function isEmitter(thing: object): thing is Emitter {
  return has(thing, 'on') && has(thing, 'off');
}

// A stream says so when it has written all, however long that takes; 'close' may never come.
function isWritable(thing: object): thing is NodeJS.WritableStream {
  // The package readable-stream, on which winston stands, has the first of these by its state alone.
  const { writableFinished, _writableState: state } = thing as {
    writableFinished?: boolean;
    _writableState?: { finished?: boolean };
  };
  return (writableFinished ?? state?.finished) === false;
}

// What it makes of the last that was written is still on its way to whoever reads it.
function isRead(thing: object): boolean {
  return thing instanceof Transform && thing.readableFlowing === true && !thing.readableEnded;
}

async function whenItSays(thing: Emitter): Promise<void> {
  const given = new AbortController();
  const { signal } = given;
  const timer = setTimeout(() => {
    given.abort();
  }, SAYS_SO_MS);
  // An 'error' meanwhile is its listeners' business, or the process's, as it would be without us.
  const ended = ['close', 'end'].map((event) => heard(thing, event, signal));
  await Promise.race(ended);
  clearTimeout(timer);
  given.abort();
}

async function heard(thing: Emitter, event: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      thing.off(event, done);
      resolve();
    };
    thing.on(event, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

function has(thing: unknown, method: string): boolean {
  if (thing === null || (typeof thing !== 'object' && typeof thing !== 'function')) return false;
  return typeof (thing as Record<string, unknown>)[method] === 'function';
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return has(value, 'then');
}
