import type { Socket } from 'node:net';
import type { Connection } from './Connection.js';
import type { OwnTime } from './OwnTime.js';
import { Quiet } from './Quiet.js';

/** @internal A TCP connection on which TLS is yet to be agreed: waited for as a first request is. */
export class Handshake implements Connection {
  readonly #socket: Socket;
  readonly #quiet: Quiet;

  constructor(socket: Socket, time: OwnTime) {
    this.#socket = socket;
    this.#quiet = new Quiet(socket, time);
  }

  announce(): void {
    this.#quiet.announced();
  }

  look(quietMs: number): void {
    if (this.#quiet.lasts(quietMs)) this.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
