import { constants } from 'node:os';
import { book, type Taker } from '../events/book.js';
import { requireCatchable } from '../change/guard.js';
import { readOptions } from '../../base/errors/options.js';
import {
  closed,
  invalidArg,
  SignalError,
  synchronousSignal,
} from '../../base/errors/SignalError.js';
import { show } from '../../base/errors/show.js';
import type { HandlerPlace } from '../look/handler.js';
import { addon } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { startReceiving, stopReceiving } from '../receive/listeners.js';
import { SignalEvent } from '../events/SignalEvent.js';
import { leave, stand } from '../receive/standIns.js';
import { takeInfo, unwantInfo, wantInfo } from '../receive/siginfo.js';
import { toName, toNumber, type SignalName } from '../../base/signal/names.js';
import { traits } from '../../base/signal/traits.js';
import { handlersOf } from './handlers.js';

/** When the C handler runs, and on which side of the listeners. */
export interface BridgeOptions {
  /**
   * `'immediate'` (the default): the C handler runs inside the signal handler, with the kernel's own
   * siginfo and ucontext. `'deferred'`: it runs when `forward(event)` says so.
   */
  mode?: 'immediate' | 'deferred';
  /**
   * Immediate only: whether the C handler runs before the event is captured, or after it (the
   * default). A handler that comes first and never returns keeps the event from everybody else.
   */
  order?: 'native-first' | 'native-last';
}

/** The way from a signal to the C handlers that stood before sigbridge. */
export interface Bridge extends Disposable {
  /** The signal's name. */
  readonly signal: string;
  /** Whether the C handlers are called at once or by {@link Bridge.forward}. */
  readonly mode: 'immediate' | 'deferred';
  /** On which side of the listeners the C handlers are called. */
  readonly order: 'native-first' | 'native-last';
  /** Whom it calls, as it stands at this moment: see `handlersOf`. */
  readonly handlers: readonly HandlerPlace[];
  /** Whether it has been closed. */
  readonly closed: boolean;
  /**
   * Deferred only: calls the C handler now, on the calling thread, with the event's siginfo as it
   * was captured, a ucontext of this moment, and the handler's own mask applied around the call.
   * `SA_NODEFER` and `SA_RESETHAND` are honoured. Does nothing where there is no handler (any more).
   * @throws ERR_INVALID_ARG for an event that was forwarded before, that came before the bridge was
   *   made, or that is another signal's; and on an immediate bridge
   * @throws ERR_CLOSED
   */
  forward(event: SignalEvent): void;
  /** The last bridge or listener to leave a signal puts back what stood before the first came. */
  close(): void;
}

const OPTIONS = {
  mode: ['immediate', 'deferred'],
  order: ['native-first', 'native-last'],
} as const;

/** As native/engine/handler/plan.h counts them. */
const LAST = 0;
const FIRST = 1;
const DEFERRED = 2;

/**
 * Says how the C handlers of a signal are called while sigbridge stands over them. While a bridge
 * lives the signal counts as listened to, so its default action does not happen, even when nobody
 * else listens. The fault signals (`SIGSEGV` …) can be bridged too: theirs is only ever handed on, on
 * the thread that raised it, so that WebAssembly, the JVM and Go still see their faults.
 *
 * Belongs to the calling thread, and ends with it. Several bridges of a signal must agree.
 * Sources: sigaction(2), signal-safety(7).
 * @throws ERR_INVALID_ARG (also where another bridge of the signal says otherwise),
 *   ERR_UNCATCHABLE, ERR_SYNCHRONOUS_SIGNAL (a deferred bridge of a fault signal),
 *   ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_UNSUPPORTED
 */
export function bridge(signal: SignalName | number, options?: BridgeOptions): Bridge {
  const number = toNumber(signal);
  requireCatchable(number, 'bridged');
  const chosen = readOptions(options, OPTIONS) as BridgeOptions;
  const { mode = 'immediate', order = 'native-last' } = chosen;
  if (mode === 'deferred' && chosen.order === 'native-first') {
    throw invalidArg('options.order', order, "'native-last' or nothing, with mode 'deferred'");
  }
  if (mode === 'deferred' && traits(number).synchronous) throw synchronousSignal(toName(number));
  return new OpenBridge(number, mode, order);
}

const open = new Set<OpenBridge>();

/** @internal Those of this environment. */
export function openBridges(): ReadonlySet<Taker> {
  return open;
}

class OpenBridge implements Bridge, Taker {
  readonly kind = 'bridge';
  #closed = false;

  constructor(
    readonly number: number,
    readonly mode: 'immediate' | 'deferred',
    readonly order: 'native-first' | 'native-last',
  ) {
    startReceiving();
    const errno = addon.bridge(number, this.#nativeOrder);
    if (errno !== 0) stopReceiving();
    if (errno === constants.errno.EBUSY) throw conflict(this);
    check(errno, 'sigaction', { signal: this.signal });
    if (mode === 'deferred') wantInfo(number);
    stand(number);
    open.add(this);
    book.keeper?.opened(this);
  }

  get signal(): string {
    return toName(this.number);
  }

  get signals(): readonly string[] {
    return [this.signal];
  }

  get handlers(): readonly HandlerPlace[] {
    return this.#closed ? [] : handlersOf(this.number);
  }

  get closed(): boolean {
    return this.#closed;
  }

  forward(event: SignalEvent): void {
    if (this.#closed) throw closed(`The bridge of ${this.signal}`);
    if (this.mode !== 'deferred') {
      throw new SignalError(
        'ERR_INVALID_ARG',
        `The bridge of ${this.signal} is immediate: its C handlers have been called already. ` +
          "Make it with { mode: 'deferred' } to forward events.",
      );
    }
    if (!(event instanceof SignalEvent)) throw invalidArg('event', event, 'a SignalEvent');
    if (event.number !== this.number) {
      throw invalidArg('event', event.signal, `an event of ${this.signal}`);
    }
    const info = takeInfo(event);
    if (info === undefined) {
      throw invalidArg(
        'event',
        show(event.signal),
        'one that arrived through a listener of this thread while the bridge was open, and that ' +
          'has not been forwarded before',
      );
    }
    addon.forward(this.number, info);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.mode === 'deferred') unwantInfo(this.number);
    leave(this.number);
    addon.unbridge(this.number);
    stopReceiving();
    open.delete(this);
    book.keeper?.closed(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #nativeOrder(): number {
    if (this.mode === 'deferred') return DEFERRED;
    return this.order === 'native-first' ? FIRST : LAST;
  }
}

function conflict({ signal, mode, order }: Bridge): SignalError {
  return new SignalError(
    'ERR_INVALID_ARG',
    `${signal} is bridged in another way: every bridge of a signal must have the same mode and ` +
      `order; this one would be '${mode}', '${order}'. Close the others first.`,
    { signal },
  );
}
