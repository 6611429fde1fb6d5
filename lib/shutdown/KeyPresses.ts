import type { SignalEvent } from '../core/events/SignalEvent.js';

/** A launcher such as `npm run` passes a Ctrl+C on that its child has got from the terminal already. */
const ECHO_NS = 1_000_000_000n;

/** @internal Tells a second Ctrl+C from the echo of the first. */
export class KeyPresses {
  readonly #sources = new Set<string>();
  #last: bigint | null = null;

  /** A second one comes from where one came before, or too late to be an echo. */
  take({ code, pid, timestamp }: SignalEvent): 'first' | 'echo' | 'second' {
    const source = `${code} ${String(pid)}`;
    const first = this.#last === null;
    const late = this.#last !== null && timestamp - this.#last > ECHO_NS;
    // Where nothing is known of the sender, it may always be an echo.
    const second = late || (code !== null && this.#sources.has(source));
    this.#sources.add(source);
    this.#last ??= timestamp;
    if (first) return 'first';
    return second ? 'second' : 'echo';
  }
}
