import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { Server as NetServer, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Connection } from './Connection.js';
import { Handshake } from './Handshake.js';
import { OwnTime } from './OwnTime.js';
import { acceptWaiting, takeWaiting, turn } from './waiting.js';
import { Http1Connection } from './Http1Connection.js';
import { Http2Connection } from './Http2Connection.js';

/** How often open connections are looked at while the server closes. */
const LOOK_MS = 10;
const REQUESTS = new Set<unknown>(['request', 'checkContinue', 'checkExpectation']);
const UPGRADES = new Set<unknown>(['upgrade', 'connect']);

/**
 * @internal A server that knows its connections, and what is under way on each. Once it closes it takes
 * nothing new, also where it begins to listen only then, and ends each connection when it is quiet.
 */
export class ClosingServer {
  readonly #server: NetServer;
  readonly #quietMs: number;
  readonly #connections = new Map<object, Connection>();
  readonly #time = new OwnTime();
  #closing = false;
  #looking: Promise<void> | null = null;
  #wake: () => void = () => undefined;

  constructor(server: NetServer, quietMs: number) {
    this.#server = server;
    this.#quietMs = quietMs;
    server.on('connection', (socket: Socket) => {
      if (server instanceof HttpServer) this.#http1(socket);
      else if (server instanceof TlsServer) this.#add(socket, new Handshake(socket, this.#time));
    });
    server.on('secureConnection', (socket: Socket & { alpnProtocol?: unknown }) => {
      this.#connections.delete(beneath(socket));
      if (socket.alpnProtocol !== 'h2') this.#http1(socket);
    });
    // The session is made of the socket that has just come, and does not give it away.
    let newest: Socket;
    const carries = server instanceof TlsServer ? 'secureConnection' : 'connection';
    server.prependListener(carries, (socket: Socket) => (newest = socket));
    server.on('session', (session: ServerHttp2Session) => {
      this.#add(session, new Http2Connection(session, newest, this.#time));
    });
    this.#followRequests();
  }

  /** Resolves when no connection is left. */
  async run(): Promise<void> {
    this.#closing = true;
    this.#server.on('listening', () => {
      void this.#refuse();
    });
    for (const connection of this.#connections.values()) connection.announce();
    await this.#refuse();
    await this.#look();
  }

  destroy(): void {
    this.#closing = true;
    void this.#refuse();
    for (const connection of this.#connections.values()) connection.destroy();
    if ('closeAllConnections' in this.#server) (this.#server as HttpServer).closeAllConnections();
  }

  async #refuse(): Promise<void> {
    const server = this.#server;
    if (!server.listening) return;
    if (!takeWaiting(server)) await acceptWaiting(server);
    // Not the server's own close(): HTTP's ends connections whose next request is under way.
    NetServer.prototype.close.call(server);
    this.#closeForOthers();
  }

  // Whoever closes it as well, as http-terminator does, would be told that it does not run: it closes.
  #closeForOthers(): void {
    const server = this.#server;
    const closed = new Promise<void>((resolve) => server.once('close', resolve));
    server.close = (done?: (error?: Error) => void) => {
      if (server.listening) return NetServer.prototype.close.call(server, done);
      if (done !== undefined)
        void closed.then(() => {
          done();
        });
      return server;
    };
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookUntilEmpty().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #lookUntilEmpty(): Promise<void> {
    this.#time.start();
    while (this.#connections.size > 0) {
      this.#time.tick(2 * LOOK_MS);
      for (const [peer, connection] of [...this.#connections]) {
        connection.look(this.#quietMs);
        // The next one is looked at with fresh eyes: its request may have come meanwhile.
        if (!this.#connections.has(peer) || isDestroyed(peer)) await turn();
      }
      if (this.#connections.size === 0) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, LOOK_MS);
      });
      await turn();
    }
  }

  // By emit(): a listener of ours would change what the server does for an upgrade or an expectation,
  // and whoever takes the listeners over, as socket.io does, would leave ours out.
  #followRequests(): void {
    const server = this.#server;
    const emit = (server.emit as (...args: unknown[]) => boolean).bind(server);
    server.emit = (...args: unknown[]): boolean => {
      const [event, request, response] = args;
      if (UPGRADES.has(event)) this.#known((request as IncomingMessage).socket)?.upgrade();
      if (!REQUESTS.has(event) || (request as IncomingMessage).httpVersionMajor > 1) {
        return emit(...args);
      }
      const { socket } = request as IncomingMessage;
      const serves = this.#http1(socket).serve(
        request as IncomingMessage,
        response as ServerResponse,
      );
      if (!serves) return true;
      if (!this.#closing) return emit(...args);
      // When all that has come is known: whether an answer is the last one is said in its head.
      setImmediate(() => {
        if (!socket.destroyed) emit(...args);
      });
      return true;
    };
  }

  #http1(socket: Socket): Http1Connection {
    return this.#known(socket) ?? this.#add(socket, new Http1Connection(socket, this.#time));
  }

  #known(socket: Socket): Http1Connection | undefined {
    const known = this.#connections.get(socket);
    return known instanceof Http1Connection ? known : undefined;
  }

  #add<Kind extends Connection>(peer: Socket | ServerHttp2Session, connection: Kind): Kind {
    this.#connections.set(peer, connection);
    peer.once('close', () => {
      this.#connections.delete(peer);
      if (this.#connections.size === 0) this.#wake();
    });
    if (this.#closing) {
      connection.announce();
      void this.#look();
    }
    return connection;
  }
}

// What Node's TLSSocket stands on. Where that is not known, it is left to its own time.
function beneath(socket: Socket): object {
  const handle = (socket as { _handle?: { _parentWrap?: object } })._handle;
  return handle?._parentWrap ?? socket;
}

function isDestroyed(peer: object): boolean {
  return (peer as { destroyed?: boolean }).destroyed === true;
}
