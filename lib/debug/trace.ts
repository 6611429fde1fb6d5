import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createHistogram, type Histogram, type RecordableHistogram } from 'node:perf_hooks';
import { invalidArg } from '../base/errors/SignalError.js';
import { readOptions } from '../base/errors/options.js';
import type { Taker } from '../core/events/book.js';
import type { ArrivalMessage, DeliveryMessage } from '../core/events/channels.js';
import { addon } from '../base/native/addon.js';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import { siteOf } from './books.js';
import type { Site } from './callSite.js';
import {
  callKey,
  handlerCalls,
  MOST_CALLS,
  type ChainCall,
  type HandlerCall,
} from './handlerCalls.js';

export type { ChainCall } from './handlerCalls.js';

/** One listener or channel that had the event. Times are ns after the handler's entry. */
export interface ListenerCall {
  /** What it is: a listener, a channel and so on. */
  readonly kind: Taker['kind'];
  /** Where in the code it was made; `null` where that is not known. */
  readonly madeAt: Site | null;
  /** When the call began, in ns since `enteredAt`. */
  readonly startedAfter: number;
  /** When the call had ended, in ns since `enteredAt`. */
  readonly endedAfter: number;
  /** Whether it has thrown. */
  readonly failed: boolean;
}

/** The way of one signal, from the kernel to the listeners of this thread. */
export interface Delivery {
  /** Counted from 1, in the order in which this thread took them. */
  readonly index: number;
  /** The signal's name. */
  readonly signal: string;
  /** How it came about, as `event.code` has it. */
  readonly code: string | null;
  /** Who sent it, as `event.pid` has it. */
  readonly pid: number | null;
  /** The sender's user, as `event.uid` has it. */
  readonly uid: number | null;
  /** As `event.value` has it. */
  readonly value: number | null;
  /** How many further arrivals were folded into it. */
  readonly coalesced: number;
  /** When the kernel called sigbridge's handler: ns of CLOCK_MONOTONIC, as `process.hrtime.bigint()`. */
  readonly enteredAt: bigint;
  /** The thread that it called it on; `null` where that is not known any more. */
  readonly thread: number | null;
  /** The handlers that were called in there; `null` where that is not known any more. */
  readonly chain: readonly ChainCall[] | null;
  /** When the handler returned, in ns after its entry. */
  readonly leftAfter: number | null;
  /** When this thread's event loop had the event in hand, in ns after the handler's entry. */
  readonly wokenAfter: number;
  /** Each listener or channel that had it, in order. */
  readonly listeners: readonly ListenerCall[];
}

/** Which signals are recorded, and how many events are kept. */
export interface TraceOptions {
  /** How many deliveries are kept, at most 1,024; 256 by default. */
  last?: number;
}

/** A record of deliveries that is being kept, see {@link trace}. */
export interface Trace extends Disposable {
  /** The last ones that this thread took, the oldest first. */
  deliveries(): Delivery[];
  /** How many there have been in all. */
  readonly count: number;
  /** From the handler to the first listener's start, in ns, of all deliveries so far. */
  readonly latency: Histogram;
  /** Whether nothing is measured for it any more. */
  readonly closed: boolean;
  /** Ends it; what it has stays readable. */
  close(): void;
}

const DEFAULT_LAST = 256;

/**
 * Follows every signal that reaches this thread from now on, step by step. While no trace is open,
 * nothing is measured. May be called from any thread.
 * Sources: sigaction(2), clock_gettime(2).
 * @throws ERR_INVALID_ARG
 */
export function trace(options?: TraceOptions): Trace {
  return openTrace(options);
}

/** @internal `tellLatency`: what is recorded of each delivery. */
export type TellLatency = (ns: number, event: SignalEvent) => void;

/** @internal */
export function openTrace(
  options?: TraceOptions,
  tellLatency: TellLatency = () => undefined,
): Trace {
  const { last = DEFAULT_LAST } = readOptions(options, { last: 'number' }) as TraceOptions;
  if (!Number.isInteger(last) || last < 1 || last > MOST_CALLS) {
    throw invalidArg('options.last', last, `an integer from 1 to ${MOST_CALLS}`);
  }
  return new OpenTrace(last, tellLatency);
}

interface Taken {
  readonly index: number;
  readonly event: SignalEvent;
  readonly takenAt: bigint;
  readonly listeners: DeliveryMessage[];
  /** Once it has been looked for, and found. */
  call: HandlerCall | undefined;
}

class OpenTrace implements Trace {
  readonly latency: RecordableHistogram = createHistogram();
  readonly #last: number;
  readonly #tellLatency: TellLatency;
  readonly #ring: Taken[] = [];
  readonly #byEvent = new WeakMap<SignalEvent, Taken>();
  #count = 0;
  #closed = false;

  constructor(last: number, tellLatency: TellLatency) {
    this.#last = last;
    this.#tellLatency = tellLatency;
    addon.wantTrace(true);
    subscribe('sigbridge:arrival', this.#onArrival);
    subscribe('sigbridge:delivery', this.#onDelivery);
  }

  get count(): number {
    return this.#count;
  }

  get closed(): boolean {
    return this.#closed;
  }

  deliveries(): Delivery[] {
    const kept = Array.from({ length: this.#ring.length }, (_, back) => {
      const at = (this.#count - this.#ring.length + back) % this.#last;
      return this.#ring[at];
    }).filter((taken) => taken !== undefined);
    const calls = kept.some(({ call }) => call === undefined) ? handlerCalls() : undefined;
    return kept.map((taken) => {
      taken.call ??= calls?.get(callKey(taken.event.number, taken.event.timestamp));
      return deliveryOf(taken);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    unsubscribe('sigbridge:arrival', this.#onArrival);
    unsubscribe('sigbridge:delivery', this.#onDelivery);
    addon.wantTrace(false);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  readonly #onArrival = (message: unknown): void => {
    const { event, takenAt } = message as ArrivalMessage;
    const index = this.#count + 1;
    const taken: Taken = { index, event, takenAt, listeners: [], call: undefined };
    this.#ring[this.#count++ % this.#last] = taken;
    this.#byEvent.set(event, taken);
  };

  readonly #onDelivery = (message: unknown): void => {
    const delivery = message as DeliveryMessage;
    const taken = this.#byEvent.get(delivery.event);
    if (taken === undefined) return; // it had been taken before the trace began
    if (taken.listeners.length === 0) {
      const latency = Number(delivery.startedAt - delivery.event.timestamp);
      this.latency.record(Math.max(1, latency));
      this.#tellLatency(latency, delivery.event);
    }
    taken.listeners.push(delivery);
  };
}

function deliveryOf({ index, event, takenAt, listeners, call }: Taken): Delivery {
  const { signal, code, pid, uid, value, coalesced } = event;
  const enteredAt = call?.enteredAt ?? event.timestamp;
  const after = (time: bigint): number => Number(time - enteredAt);
  return {
    index,
    ...{ signal, code, pid, uid, value, coalesced },
    enteredAt,
    thread: call?.thread ?? null,
    chain: call?.chain ?? null,
    leftAfter: call?.leftAfter ?? null,
    wokenAfter: after(takenAt),
    listeners: listeners.map((one) => ({
      kind: one.to.kind,
      madeAt: siteOf(one.to),
      startedAfter: after(one.startedAt),
      endedAfter: after(one.endedAt),
      failed: 'error' in one,
    })),
  };
}
