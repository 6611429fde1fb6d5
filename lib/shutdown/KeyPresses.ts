import type { SignalEvent } from '../core/events/SignalEvent.js';

/** A launcher such as `npm run` passes a Ctrl+C on that its child has got from the terminal already. */
const ECHO_NS = 1_000_000_000n;

/** @internal Tells a second Ctrl+C from the echo of the first. */
export class KeyPresses {
  readonly #sources = new Set<string>();
  #last: bigint | null = null;
  #isFirstOwn = false;

  /** A second one comes from where one came before, or too late to be an echo. */
  take({ code, pid, timestamp }: SignalEvent): 'first' | 'echo' | 'second' {
    const isOwn = pid === process.pid;
    // A library that has heard the first one and sends it again when it is done, as Nest does: nobody presses a key.
    if (this.#last !== null && isOwn && !this.#isFirstOwn) return 'echo';
    const source = `${code} ${String(pid)}`;
    const first = this.#last === null;
    if (first) this.#isFirstOwn = isOwn;
    const late = this.#last !== null && timestamp - this.#last > ECHO_NS;
    // Where nothing is known of the sender, it may always be an echo.
    const second = late || (code !== null && this.#sources.has(source));
    this.#sources.add(source);
    this.#last ??= timestamp;
    if (first) return 'first';
    return second ? 'second' : 'echo';
  }
}
