import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PATIENCE_MS, type Connection } from './Connection.js';
import type { OwnTime } from './OwnTime.js';
import { Quiet } from './Quiet.js';

/**
 * @internal One of HTTP/1. Of requests that come without waiting for answers all are answered: the
 * answer that ends the connection is the last one that is known of when its head is written.
 */
export class Http1Connection implements Connection {
  readonly #socket: Socket;
  readonly #responses = new Set<ServerResponse>();
  readonly #quiet: Quiet;
  readonly #time: OwnTime;
  #announced: number | null = null;
  #ending = false;
  #upgraded = false;

  constructor(socket: Socket, time: OwnTime) {
    this.#socket = socket;
    this.#time = time;
    this.#quiet = new Quiet(socket, time);
  }

  /** `false`: it came after the answer that ends the connection, and must not be served (RFC 9112, 9.6). */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    if (this.#ending) return false;
    this.#responses.add(response);
    if (this.#announced !== null) this.#followHead(response);
    response.once('close', () => {
      this.#responses.delete(response);
      this.#quiet.mark();
    });
    request.once('close', () => {
      this.#quiet.mark();
    });
    return true;
  }

  /** It speaks something else from now on, and somebody else ends it. */
  upgrade(): void {
    this.#upgraded = true;
  }

  announce(): void {
    if (this.#announced !== null) return;
    this.#announced = this.#time.now();
    this.#quiet.announced();
    closeInStages(this.#socket);
    for (const response of this.#responses) this.#followHead(response);
  }

  look(quietMs: number): void {
    if (this.#responses.size > 0 || this.#upgraded) return;
    const over = this.#socket.writableEnded ? !this.#quiet.lingers() : this.#quiet.lasts(quietMs);
    if (over) this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  // Both writeHead() itself and the heads that are written without it come by here.
  #followHead(response: ServerResponse): void {
    if (response.headersSent) return;
    const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
    response.writeHead = (...args: unknown[]) => {
      this.#askToClose(response);
      return writeHead(...args);
    };
  }

  #askToClose(response: ServerResponse): void {
    const last = [...this.#responses].at(-1) === response;
    // One that never stops asking is told so at some time all the same.
    const patient = this.#time.now() - (this.#announced ?? 0) < PATIENCE_MS;
    if (this.#ending || response.headersSent || (!last && patient)) return;
    response.setHeader('Connection', 'close');
    this.#ending = true;
  }
}

// RFC 9112, 9.6: a server that closes with something unread makes the kernel reset the connection, and
// the last response may be lost on its way. So: say that nothing more comes, ignore what still does,
// and wait for the other side, as long as it lingers. The server calls this after a response with
// `Connection: close`.
function closeInStages(socket: Socket): void {
  socket.destroySoon = () => {
    if (socket.destroyed || socket.writableEnded) return;
    socket.removeAllListeners('data');
    socket.on('data', () => undefined); // takes the socket from the server's parser as well
    socket.end();
  };
}
