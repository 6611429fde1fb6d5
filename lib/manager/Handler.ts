import type { SignalEvent } from '../core/events/SignalEvent.js';
import { Guard, type Attempt, type CircuitName } from './Guard.js';
import type { PQueue } from './kept.js';
import type { CheckedOptions } from './options.js';
import { Window } from './Window.js';

/** How one handler answered one arrival. */
export type Outcome =
  /** It settled well; `value` is what it gave. */
  | 'handled'
  /** Not called: a repeat, or removed before its turn. */
  | 'skipped'
  | 'timed-out'
  | 'failed'
  /** Not called: it has failed too often, see {@link HandlerDefaults.threshold}. */
  | 'open';

/** How one handler has ended. */
export interface SignalResult {
  /** The name of the signal that came. */
  signal: string;
  /** The handler's. */
  name: string;
  /** What became of it. */
  outcome: Outcome;
  /** How long the handler ran, in ms, until it was answered. */
  ms: number;
  /** What the handler gave; for `'timed-out'`, `'failed'` and `'open'`, what its fallback gave. */
  value: unknown;
  /** Why it was not `'handled'`; an `AggregateError` where the fallback failed, too. */
  error: unknown;
}

/** What a handler is called with, beside the event. */
export interface HandlerContext {
  /** Aborted when the handler has run out of time; the reason says so. */
  signal: AbortSignal;
  /** The handler's name. */
  name: string;
}

/** A handler of the manager; a promise that it gives back is awaited within its time. */
export type SignalHandler = (event: SignalEvent, context: HandlerContext) => unknown;

/** @internal One arrival at one handler: what is to be done in its turn. Never rejects. */
export type Call = () => Promise<SignalResult>;

/** @internal */
export class Handler {
  readonly counts: Record<Outcome, number> = {
    handled: 0,
    skipped: 0,
    'timed-out': 0,
    failed: 0,
    open: 0,
  };
  closed = false;
  readonly #handler: SignalHandler;
  readonly #options: CheckedOptions;
  readonly #guard: Guard;
  readonly #window: Window | null;

  constructor(handler: SignalHandler, options: CheckedOptions, shared: PQueue) {
    this.#handler = handler;
    this.#options = options;
    this.#guard = new Guard(options, shared);
    this.#window = options.dedupe && new Window(options.dedupe, options.windowMs);
  }

  get name(): string {
    return this.#options.name;
  }

  get priority(): number {
    return this.#options.priority;
  }

  get circuit(): CircuitName {
    return this.#guard.circuit;
  }

  /** Takes the arrival's key now: what is a repeat is decided by arrival, not by whose turn it is. */
  claim(event: SignalEvent): Call {
    try {
      const free = this.#window === null ? () => undefined : this.#window.claim(event);
      return async () =>
        this.#answer(event, free === null ? SKIPPED : await this.#run(event, free));
    } catch (error) {
      const failed: Attempt = { outcome: 'failed', ms: 0, value: undefined, error };
      return async () => this.#answer(event, await this.#orFallback(event, failed));
    }
  }

  async #run(event: SignalEvent, free: () => void): Promise<Answer> {
    if (this.closed) return SKIPPED;
    let running: Promise<unknown> | undefined;
    const attempt = await this.#guard.attempt((signal) => {
      // It may have been closed while this call waited for its place.
      if (!this.closed) running = this.#call(event, signal);
      return running;
    });
    if (attempt.outcome === 'handled' && running === undefined) return SKIPPED;
    // By itself, and maybe long after it was answered as too late.
    void (running ?? Promise.resolve()).then(free, free);
    return this.#orFallback(event, attempt);
  }

  async #call(event: SignalEvent, signal: AbortSignal): Promise<unknown> {
    const handler = this.#handler;
    return await handler(event, { signal, name: this.name });
  }

  async #orFallback(event: SignalEvent, attempt: Attempt): Promise<Attempt> {
    const { fallback } = this.#options;
    if (attempt.outcome === 'handled' || fallback === undefined) return attempt;
    try {
      const value = await this.#guard.bounded(() => fallback(event, attempt.error));
      return { ...attempt, value };
    } catch (error) {
      const both = [attempt.error, error];
      const message = `The handler ${this.name} and its fallback failed.`;
      return { ...attempt, error: new AggregateError(both, message) };
    }
  }

  #answer({ signal }: SignalEvent, { outcome, ms, value, error }: Answer): SignalResult {
    this.counts[outcome]++;
    return { signal, name: this.name, outcome, ms, value, error };
  }
}

type Answer = Omit<Attempt, 'outcome'> & { outcome: Outcome };

const SKIPPED: Answer = { outcome: 'skipped', ms: 0, value: undefined, error: undefined };
