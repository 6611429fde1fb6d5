import type { ServerHttp2Session } from 'node:http2';
import { HALF_MS, LINGER_MS, type Connection } from './Connection.js';

/**
 * @internal One of HTTP/2. Its GOAWAY names the last stream that was taken: those are served, and whoever
 * has sent more knows that it was refused and may be sent again (RFC 9113, 6.8). A first GOAWAY that
 * still takes all cannot be sent: nghttp2 ignores every stream after it, without a word.
 */
export class Http2Connection implements Connection {
  readonly #session: ServerHttp2Session;
  readonly #made = performance.now();
  #streams = 0;
  #used = false;
  #closed: number | null = null;

  constructor(session: ServerHttp2Session) {
    this.#session = session;
    session.on('stream', (stream) => {
      this.#streams++;
      this.#used = true;
      stream.once('close', () => {
        this.#streams--;
        if (this.#closed !== null) this.#closed = performance.now();
      });
    });
  }

  announce(): void {
    // When it is looked at: in the middle of what has come, the last stream is not known.
  }

  look(quietMs: number): void {
    const now = performance.now();
    if (this.#closed !== null) {
      // It has closed its end, and the other side keeps its own.
      if (this.#streams === 0 && now - this.#closed >= LINGER_MS) this.destroy();
      return;
    }
    // A fresh one has its first request under way: told to go, its client could not send it any more.
    if (!this.#used && now - this.#made < Math.max(quietMs, HALF_MS)) return;
    this.#closed = now;
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }
}
