import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { HALF_MS, type Connection } from './Connection.js';
import type { OwnTime } from './OwnTime.js';
import { Quiet } from './Quiet.js';

/**
 * @internal One of HTTP/2. Its GOAWAY names the last stream that was taken: those are served, and whoever
 * has sent more knows that it was refused and may be sent again (RFC 9113, 6.8). A first GOAWAY that
 * still takes all cannot be sent: nghttp2 ignores every stream after it, without a word.
 */
export class Http2Connection implements Connection {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #quiet: Quiet;
  readonly #time: OwnTime;
  readonly #made: number;
  #streams = 0;
  #used = false;
  #closed = false;

  constructor(session: ServerHttp2Session, socket: Socket, time: OwnTime) {
    this.#session = session;
    this.#socket = socket;
    this.#time = time;
    this.#made = time.now();
    this.#quiet = new Quiet(socket, time);
    session.on('stream', (stream) => {
      this.#streams++;
      this.#used = true;
      stream.once('close', () => {
        this.#streams--;
        this.#quiet.mark();
      });
    });
  }

  announce(): void {
    // When it is looked at: in the middle of what has come, the last stream is not known.
  }

  look(quietMs: number): void {
    if (this.#closed) {
      // It has closed its end, and the other side keeps its own.
      if (this.#streams === 0 && !this.#quiet.lingers()) this.destroy();
      return;
    }
    // A fresh one has its first request under way: told to go, its client could not send it any more.
    const ms = this.#time.now() - this.#made;
    if (!this.#used && ms < Math.max(quietMs, HALF_MS)) return;
    this.#closed = true;
    this.#quiet.mark();
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
    // One that has been closed before would wait for the other side to close its end.
    this.#socket.destroy();
  }
}
