import { EventEmitter } from 'node:events';
import { closed, invalidArg } from '../base/errors/SignalError.js';
import { tell } from '../core/events/tell.js';
import { hear } from '../core/anywhere/hear.js';
import { listenable } from '../core/receive/on.js';
import { beginHandling, endHandling } from '../core/receive/handling.js';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import type { Subscription } from '../core/receive/Subscription.js';
import { toName, type SignalName } from '../base/signal/names.js';
import type { CircuitName } from './Guard.js';
import { Handler, type Outcome, type SignalHandler, type SignalResult } from './Handler.js';
import { PQueue } from './kept.js';
import {
  readHandlerOptions,
  readManagerOptions,
  type CheckedManagerOptions,
  type HandlerOptions,
  type SignalManagerOptions,
} from './options.js';

/** A handler that is registered. */
export interface HandlerRegistration extends Disposable {
  /** The handler's name. */
  readonly name: string;
  /** The signals that it handles. */
  readonly signals: readonly string[];
  /** How its arrivals were answered so far. */
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Whether the handler is called: `'closed'` is yes. */
  readonly circuit: CircuitName;
  /** Whether it is not called any more. */
  readonly closed: boolean;
  /** Takes it away: it is not called again, not even for an arrival whose turn at it had not come. */
  close(): void;
}

/** The events of a manager, with what each listener gets. */
export interface SignalManagerEvents {
  /** A signal has arrived; the promise gives the answers of all its handlers, and never rejects. */
  arrival: [event: SignalEvent, results: Promise<SignalResult[]>];
  /** One handler has answered. */
  result: [result: SignalResult, event: SignalEvent];
}

/** Handlers of many parts of a program, in order of their priorities, each kept from harming the others. */
export interface SignalManager extends EventEmitter<SignalManagerEvents>, Disposable {
  /**
   * Registers a handler. Those of one arrival run by priority: the highest first, equal ones side by
   * side, lower ones when the higher have settled, or have run out of time. Handlers may be registered
   * and closed at any time, by handlers too; a new one takes part from the next arrival on.
   * @throws as `on`, and ERR_INVALID_ARG, ERR_CLOSED
   */
  handle(
    signals: SignalName | number | readonly (SignalName | number)[],
    handler: SignalHandler,
    options?: HandlerOptions,
  ): HandlerRegistration;
  /**
   * Handles an event as if it had just arrived: one from a channel or a hold of one's own. Gives the
   * answers by falling priority; never rejects.
   */
  dispatch(event: SignalEvent): Promise<SignalResult[]>;
  /** Resolves when every arrival so far has been answered. */
  idle(): Promise<void>;
  /** Whether it handles nothing more. */
  readonly closed: boolean;
  /** Closes every handler; those that run may end. */
  close(): void;
}

/**
 * For programs in which several parts handle the same signal. Belongs to the thread that makes it.
 * @throws ERR_INVALID_ARG
 */
export function createSignalManager(options?: SignalManagerOptions): SignalManager {
  return new Manager(readManagerOptions(options));
}

interface Served {
  subscription: Subscription;
  /** By falling priority. Replaced, never changed: an arrival walks the list that it found. */
  handlers: readonly Handler[];
}

class Manager extends EventEmitter<SignalManagerEvents> implements SignalManager {
  readonly #options: CheckedManagerOptions;
  readonly #queue: PQueue;
  readonly #served = new Map<number, Served>();
  readonly #registrations = new Set<HandlerRegistration>();
  readonly #arrivals = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: CheckedManagerOptions) {
    super();
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.concurrency });
  }

  handle(
    signals: SignalName | number | readonly (SignalName | number)[],
    handler: SignalHandler,
    options?: HandlerOptions,
  ): HandlerRegistration {
    if (this.#closed) throw closed('The signal manager');
    const numbers = listenable(signals);
    if (typeof handler !== 'function') throw invalidArg('handler', handler, 'a function');
    const checked = readHandlerOptions(options, this.#options.defaults, handler.name);
    const added = new Handler(handler, checked, this.#queue);
    this.#addToAll(numbers, added);
    const registration = new Registration(added, numbers, () => {
      for (const number of numbers) this.#remove(number, added);
      this.#registrations.delete(registration);
    });
    this.#registrations.add(registration);
    return registration;
  }

  async dispatch(event: SignalEvent): Promise<SignalResult[]> {
    const handlers = this.#served.get(event.number)?.handlers ?? [];
    const calls = handlers.map((handler) => ({ handler, call: handler.claim(event) }));
    const results: SignalResult[] = [];
    for (const level of levels(calls)) {
      const answers = level.map(async ({ call }) => {
        const result = await call();
        tell(this, 'result', result, event);
        return result;
      });
      results.push(...(await Promise.all(answers)));
    }
    return results;
  }

  async idle(): Promise<void> {
    while (this.#arrivals.size > 0) await Promise.all(this.#arrivals);
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
    for (const registration of this.#registrations) registration.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receive(event: SignalEvent): void {
    const results = this.dispatch(event);
    this.#arrivals.add(results);
    void results.then(() => this.#arrivals.delete(results));
    tell(this, 'arrival', event, results);
  }

  #addToAll(numbers: readonly number[], handler: Handler): void {
    let added = 0;
    try {
      for (; added < numbers.length; added++) this.#add(numbers[added] ?? 0, handler);
    } catch (error) {
      for (const number of numbers.slice(0, added)) this.#remove(number, handler);
      throw error;
    }
  }

  #add(number: number, handler: Handler): void {
    const served = this.#served.get(number) ?? this.#serve(number);
    // Stable: equal priorities stay in the order of registration.
    served.handlers = [...served.handlers, handler].sort((a, b) => b.priority - a.priority);
  }

  #serve(number: number): Served {
    const listener = (event: SignalEvent): void => {
      this.#receive(event);
    };
    const subscription = hear([number], listener, { ref: this.#options.ref });
    const served = { subscription, handlers: [] };
    this.#served.set(number, served);
    beginHandling(number);
    return served;
  }

  #remove(number: number, handler: Handler): void {
    const served = this.#served.get(number);
    if (served === undefined) return;
    served.handlers = served.handlers.filter((other) => other !== handler);
    if (served.handlers.length > 0) return;
    served.subscription.close();
    endHandling(number);
    this.#served.delete(number);
  }
}

// Neighbours of equal priority.
function levels<Item extends { handler: Handler }>(items: readonly Item[]): Item[][] {
  const found: Item[][] = [];
  for (const item of items) {
    const level = found.at(-1);
    if (level?.[0]?.handler.priority === item.handler.priority) level.push(item);
    else found.push([item]);
  }
  return found;
}

class Registration implements HandlerRegistration {
  readonly #handler: Handler;
  readonly #numbers: readonly number[];
  readonly #remove: () => void;

  constructor(handler: Handler, numbers: readonly number[], remove: () => void) {
    this.#handler = handler;
    this.#numbers = numbers;
    this.#remove = remove;
  }

  get name(): string {
    return this.#handler.name;
  }

  get signals(): readonly string[] {
    return this.#numbers.map(toName);
  }

  get counts(): Readonly<Record<Outcome, number>> {
    return this.#handler.counts;
  }

  get circuit(): CircuitName {
    return this.#handler.circuit;
  }

  get closed(): boolean {
    return this.#handler.closed;
  }

  close(): void {
    if (this.#handler.closed) return;
    this.#handler.closed = true;
    this.#remove();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
