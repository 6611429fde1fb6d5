import { setMaxListeners } from 'node:events';
import { SignalError, timedOut } from '../base/errors/SignalError.js';
import { aborted, within } from './within.js';

/** @internal How long it all may take, and what is left of it. */
export class Clock {
  readonly #began = performance.now();
  readonly #totalMs: number;
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #stopped = false;

  constructor(totalMs: number) {
    this.#totalMs = totalMs;
    // Each stage that runs listens, and there may be many.
    setMaxListeners(0, this.#over.signal);
    this.#timer = setTimeout(() => {
      this.#over.abort(timedOut('The shutdown', totalMs));
    }, totalMs);
  }

  get ms(): number {
    return performance.now() - this.#began;
  }

  /** What is left. */
  get leftMs(): number {
    return this.over.aborted ? 0 : Math.max(0, this.#totalMs - this.ms);
  }

  /** What is left but for this part of all the time, or half of what is left where that is more. */
  leaving(part: number): number {
    return Math.max(this.leftMs - part * this.#totalMs, this.leftMs / 2);
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

  /** As `within`, and no longer than there is time at all. */
  async within(ms: number, what: string, task: (signal: AbortSignal) => unknown): Promise<void> {
    await within(this.over, ms, what, task);
  }
}
