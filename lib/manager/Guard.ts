import { circuitOpen, timedOut } from '../base/errors/SignalError.js';
import {
  CircuitState,
  ConsecutiveBreaker,
  PQueue,
  TimeoutStrategy,
  circuitBreaker,
  handleAll,
  timeout,
} from './kept.js';

/** `'half-open'`: one trial runs, and decides. */
export type CircuitName = 'closed' | 'open' | 'half-open';

/** @internal */
export interface GuardOptions {
  readonly name: string;
  readonly priority: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly threshold: number;
  readonly resetMs: number;
}

/** @internal How a guarded call ended, and in how many ms of its own. */
export interface Attempt {
  outcome: 'handled' | 'timed-out' | 'failed' | 'open';
  ms: number;
  value: unknown;
  error: unknown;
}

type Task = (signal: AbortSignal) => unknown;

/** @internal Calls one handler: so many at a time, each bounded in time, and not while it keeps failing. */
export class Guard {
  readonly #options: GuardOptions;
  readonly #shared: PQueue;
  readonly #own: PQueue;
  readonly #breaker;
  readonly #timeout;

  constructor(options: GuardOptions, shared: PQueue) {
    this.#options = options;
    this.#shared = shared;
    this.#own = new PQueue({ concurrency: options.concurrency });
    this.#breaker = circuitBreaker(handleAll, {
      halfOpenAfter: options.resetMs,
      breaker: new ConsecutiveBreaker(options.threshold),
    });
    // Aggressive: a handler that does not look at its AbortSignal must not hold up the others.
    this.#timeout = timeout(options.timeoutMs, {
      strategy: TimeoutStrategy.Aggressive,
      abortOnReturn: false,
    });
  }

  get circuit(): CircuitName {
    const { state } = this.#breaker;
    if (state === CircuitState.Closed) return 'closed';
    return state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** Never rejects. */
  async attempt(task: Task): Promise<Attempt> {
    let signal: AbortSignal | undefined;
    let began = 0;
    const start = (given: AbortSignal): unknown => {
      began = performance.now();
      signal = given;
      return task(given);
    };
    try {
      const value = await this.#throughCircuit(start);
      return { outcome: 'handled', ms: performance.now() - began, value, error: undefined };
    } catch (error) {
      const { name, timeoutMs } = this.#options;
      if (signal === undefined) {
        return { outcome: 'open', ms: 0, value: undefined, error: circuitOpen(name) };
      }
      const ms = performance.now() - began;
      if (!signal.aborted) return { outcome: 'failed', ms, value: undefined, error };
      const late = timedOut(`The handler ${name}`, timeoutMs);
      return { outcome: 'timed-out', ms, value: undefined, error: late };
    }
  }

  /** As long as a handler may take, and beside the circuit. Rejects as the task does, or with a timeout. */
  async bounded(task: () => unknown): Promise<unknown> {
    return this.#timeout.execute(task);
  }

  async #throughCircuit(task: Task): Promise<unknown> {
    // One trial at a time; the others need not wait for how it ends.
    if (this.circuit === 'half-open') throw circuitOpen(this.#options.name);
    const trial = this.circuit === 'open';
    const recorded: Promise<unknown> = this.#breaker.execute(() =>
      this.#inTurn(
        async () => {
          // It may have opened while this call waited for its turn.
          if (!trial && this.circuit !== 'closed') throw circuitOpen(this.#options.name);
          return this.#timeout.execute(({ signal }) => task(this.#withReason(signal)));
        },
        () => recorded,
      ),
    );
    return recorded;
  }

  // Gives its place back when the circuit knows how it went: the next one has to see that.
  async #inTurn(task: () => Promise<unknown>, recorded: () => Promise<unknown>): Promise<unknown> {
    const { priority } = this.#options;
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        await task().then(resolve, reject);
        await recorded().catch(() => undefined);
      };
      void this.#own.add(() => this.#shared.add(run, { priority }));
    });
  }

  // An AbortSignal that says why.
  #withReason(signal: AbortSignal): AbortSignal {
    const controller = new AbortController();
    signal.addEventListener('abort', () => {
      const { name, timeoutMs } = this.#options;
      controller.abort(timedOut(`The handler ${name}`, timeoutMs));
    });
    return controller.signal;
  }
}
