import type { Socket } from 'node:net';
import { HALF_MS, PATIENCE_MS } from './Connection.js';

/** @internal Since when nothing has come over a socket but what belonged to a request. */
export class Quiet {
  readonly #socket: Socket;
  #seen = 0;
  #since = performance.now();
  // What is no request yet: a fresh connection, half a head, half a handshake, an empty line.
  #half = true;
  #announced: number | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** From now on patience has an end. */
  announced(): void {
    this.#announced ??= performance.now();
  }

  get announcedMs(): number {
    return this.#announced === null ? 0 : performance.now() - this.#announced;
  }

  /** A request has ended: what has come so far belonged to it. */
  mark(): void {
    this.#seen = this.#socket.bytesRead;
    this.#since = performance.now();
    this.#half = false;
  }

  /** Whether it has been so for long enough. Ask only where no request is under way. */
  lasts(quietMs: number): boolean {
    if (this.#socket.bytesRead !== this.#seen) {
      this.mark();
      this.#half = true;
    }
    if (this.announcedMs >= Math.max(quietMs, PATIENCE_MS)) return true;
    const enough = this.#expects(quietMs) ? Math.max(quietMs, HALF_MS) : quietMs;
    return performance.now() - this.#since >= enough;
  }

  // Of one that was not idle when it was announced, an answer may still be on its way, and the next request
  // comes when it has been read: megabytes take a while.
  #expects(quietMs: number): boolean {
    const fresh = this.#announced !== null && this.#since > this.#announced - quietMs;
    return this.#half || fresh;
  }
}
