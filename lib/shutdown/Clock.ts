import { SignalError, timedOut } from '../base/errors/SignalError.js';

/** @internal How long it all may take, and what is left of it. */
export class Clock {
  readonly #began = performance.now();
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #stopped = false;

  constructor(totalMs: number) {
    this.#timer = setTimeout(() => {
      this.#over.abort(timedOut('The shutdown', totalMs));
    }, totalMs);
  }

  get ms(): number {
    return performance.now() - this.#began;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Aborted: no more waiting. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Does nothing where all is done already. */
  hurry(why: string): void {
    if (this.#stopped) return;
    this.#over.abort(new SignalError('ERR_TIMEOUT', `No more waiting: ${why}.`));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Waits, unless it is over before. */
  async wait(ms: number): Promise<void> {
    if (ms > 0) await this.within(ms, 'The wait', aborted).catch(() => undefined);
  }

  /**
   * Gives `task` an AbortSignal that is aborted after `ms`, or when all is over. What the task has
   * not settled one turn of the event loop later is left alone.
   * @throws what the task does, and ERR_TIMEOUT
   */
  async within(ms: number, what: string, task: (signal: AbortSignal) => unknown): Promise<void> {
    const own = new AbortController();
    const late = (): void => {
      own.abort(this.over.aborted ? this.over.reason : timedOut(what, ms));
    };
    const timer = ms === Infinity || this.over.aborted ? undefined : setTimeout(late, ms);
    if (this.over.aborted) late();
    else this.over.addEventListener('abort', late);
    try {
      await Promise.race([invoke(task, own.signal), aborted(own.signal).catch(turnLater)]);
    } finally {
      clearTimeout(timer);
      this.over.removeEventListener('abort', late);
    }
  }
}

async function invoke(task: (signal: AbortSignal) => unknown, signal: AbortSignal): Promise<void> {
  await task(signal);
}

/** Rejects with the signal's reason. */
async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

// What a task does at once when it is told that its time is over still counts.
async function turnLater(error: unknown): Promise<never> {
  await new Promise((resolve) => setImmediate(resolve));
  throw error;
}
