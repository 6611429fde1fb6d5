import type { Socket } from 'node:net';
import { HALF_MS, LINGER_MS, PATIENCE_MS } from './Connection.js';
import type { OwnTime } from './OwnTime.js';
import { unacknowledged } from './unacknowledged.js';

/**
 * @internal Since when nothing has come over a socket but what belonged to a request, and nothing of an
 * answer was on its way: megabytes take a while after the system has taken them all.
 */
export class Quiet {
  readonly #socket: Socket;
  readonly #time: OwnTime;
  #seen = 0;
  #left = 0;
  #since: number;
  // What is no request yet: a fresh connection, half a head, half a handshake, an empty line.
  #half = true;
  // From when on patience has an end.
  #patient: number | null = null;

  constructor(socket: Socket, time: OwnTime) {
    this.#socket = socket;
    this.#time = time;
    this.#since = time.now();
  }

  announced(): void {
    this.#patient ??= this.#time.now();
  }

  /** A request has ended: what has come so far belonged to it. */
  mark(): void {
    this.#seen = this.#socket.bytesRead;
    this.#half = false;
    this.#goesOn();
  }

  /** Whether it has been so for long enough. Ask only where no request is under way. */
  lasts(quietMs: number): boolean {
    const now = this.#time.now();
    if (this.#socket.bytesRead !== this.#seen) {
      this.#seen = this.#socket.bytesRead;
      this.#since = now;
      this.#half = true;
    }
    this.#follow();
    const patient = this.#patient ?? now;
    if (now - patient >= Math.max(quietMs, PATIENCE_MS)) return true;
    return now - this.#since >= (this.#half ? Math.max(quietMs, HALF_MS) : quietMs);
  }

  /** Whether the other side has had time to read the last of it, and to close its end. */
  lingers(): boolean {
    this.#follow();
    return this.#time.now() - this.#since < LINGER_MS;
  }

  // The answer is being taken: by one that does not take it, nobody is kept.
  #follow(): void {
    const left = unacknowledged(this.#socket);
    if (left !== this.#left) this.#goesOn();
    this.#left = left;
  }

  #goesOn(): void {
    this.#since = this.#time.now();
    if (this.#patient !== null) this.#patient = this.#since;
  }
}
