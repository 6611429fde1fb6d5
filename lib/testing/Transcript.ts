import { SignalError } from '../base/errors/SignalError.js';
import { Bell } from './Bell.js';
import { patienceOf, type WaitOptions } from './until.js';

/** @internal What a process has written so far, to be searched as it comes. */
export class Transcript {
  readonly #bell = new Bell();
  readonly #timeoutMs: number;
  #text = '';
  #searched = 0;
  #closed = false;

  /** @param timeoutMs how long a search waits unless it says otherwise */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get text(): string {
    return this.#text;
  }

  add(text: string): void {
    this.#text += text;
    this.#bell.ring();
  }

  /** Nothing comes any more. */
  close(): void {
    this.#closed = true;
    this.#bell.ring();
  }

  /** The first match after that of the previous search. @throws ERR_TIMEOUT, and when the process ends before */
  async waitFor(pattern: RegExp, options?: WaitOptions): Promise<RegExpExecArray> {
    const timeoutMs = patienceOf(options, this.#timeoutMs);
    const expiry = new AbortController();
    const timer = setTimeout(() => {
      expiry.abort();
      this.#bell.ring();
    }, timeoutMs);
    try {
      for (;;) {
        const match = pattern.exec(this.#text.slice(this.#searched));
        if (match !== null) {
          this.#searched += match.index + match[0].length;
          return match;
        }
        if (this.#closed)
          throw this.#missed(`The process ended before it wrote ${String(pattern)}`);
        if (expiry.signal.aborted) {
          throw this.#missed(`Waited ${timeoutMs} ms in vain for ${String(pattern)}`);
        }
        await this.#bell.rung();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #missed(what: string): SignalError {
    return new SignalError('ERR_TIMEOUT', `${what}; it wrote:\n${this.#text}`);
  }
}
