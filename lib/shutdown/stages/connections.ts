import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** @internal What a closing server wants to know of a connection. */
export interface Connection {
  /** Nothing is under way, and has not been for `quietMs`. */
  isIdle(quietMs: number): boolean;
  /** Tells the other side that no more requests are wanted. */
  announce(): void;
  /** Only for one that is idle. */
  close(): void;
  destroy(): void;
}

/** @internal */
export class Http1Connection implements Connection {
  readonly #socket: Socket;
  readonly #responses = new Set<ServerResponse>();
  #announced = false;
  #asked = false;
  #since = performance.now();
  // The bytes of all requests so far: more of them are the next one, or what became of an upgrade.
  #seen = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    this.#responses.add(response);
    if (this.#announced && !this.#asked) this.#askToClose(response);
    response.once('close', () => {
      this.#responses.delete(response);
      this.#mark();
    });
    request.once('close', () => {
      this.#mark();
    });
  }

  isIdle(quietMs: number): boolean {
    if (this.#responses.size > 0 || this.#socket.bytesRead !== this.#seen) return false;
    return performance.now() - this.#since >= quietMs;
  }

  announce(): void {
    this.#announced = true;
    closeInStages(this.#socket);
    // Of requests that came one after the other without waiting, all are to be answered.
    const last = [...this.#responses].at(-1);
    if (last !== undefined) this.#askToClose(last);
  }

  close(): void {
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  // RFC 9112, 9.6: the connection ends with this response.
  #askToClose(response: ServerResponse): void {
    if (response.headersSent) return;
    response.setHeader('Connection', 'close');
    this.#asked = true;
  }

  #mark(): void {
    this.#seen = this.#socket.bytesRead;
    this.#since = performance.now();
  }
}

/** How long the other side has to close its end when it has been told to. */
const LINGER_MS = 500;

// RFC 9112, 9.6: a server that closes with something unread makes the kernel reset the connection, and
// the last response may be lost on its way. So: say that nothing more comes, ignore what still does,
// and wait for the other side. The server calls this after a response with `Connection: close`.
function closeInStages(socket: Socket): void {
  socket.destroySoon = () => {
    if (socket.destroyed || socket.writableEnded) return;
    socket.removeAllListeners('data');
    socket.on('data', () => undefined); // takes the socket from the server's parser as well
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => {
      clearTimeout(timer);
    });
  };
}

/** The largest stream id (RFC 9113, 6.8): "no new requests, please", while those under way are served. */
const LAST_STREAM = 2 ** 31 - 1;

/** @internal */
export class Http2Connection implements Connection {
  readonly #session: ServerHttp2Session;
  #streams = 0;
  #since = performance.now();

  constructor(session: ServerHttp2Session) {
    this.#session = session;
    session.on('stream', (stream) => {
      this.#streams++;
      stream.once('close', () => {
        this.#streams--;
        this.#since = performance.now();
      });
    });
  }

  isIdle(quietMs: number): boolean {
    return this.#streams === 0 && performance.now() - this.#since >= quietMs;
  }

  announce(): void {
    if (!this.#session.destroyed) this.#session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM);
  }

  close(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }
}
