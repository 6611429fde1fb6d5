import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Http2SecureServer, Http2Server, ServerHttp2Session } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import { requireMs } from '../../base/errors/numbers.js';
import { readOptions } from '../../base/errors/options.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import type { StageTask } from '../stage.js';
import { closeOwnServer, isOwnServer } from './ownServer.js';
import { Http1Connection, Http2Connection, type Connection } from './connections.js';

/** How long {@link httpServer} waits for whom. */
export interface HttpServerOptions {
  /**
   * For how long, in ms, a kept-alive connection must have been quiet to count as idle; 100 by default.
   * One that has just been answered may have its next request under way, which closing it would lose.
   */
  quietMs?: number;
}

/** How often open connections are looked at while the server closes. */
const SWEEP_MS = 10;

/**
 * A stage that closes an HTTP, HTTPS or HTTP/2 server. It stops accepting, closes
 * idle connections at once, answers what is under way with `Connection: close` (HTTP/2: GOAWAY), and
 * destroys what is left when its time is over. Call it when the server is made: it counts requests.
 * Pipelined requests behind the one under way, and TLS handshakes under way, are not waited for.
 * @throws ERR_INVALID_ARG
 */
export function httpServer(
  server: HttpServer | HttpsServer | Http2Server | Http2SecureServer,
  options?: HttpServerOptions,
): StageTask {
  if (isOwnServer(server)) return ({ signal }) => closeOwnServer(server, signal);
  if (!(server instanceof NetServer)) {
    throw invalidArg('server', server, 'a server of node:http, node:https or node:http2');
  }
  const { quietMs = 100 } = readOptions(options, { quietMs: 'number' }) as HttpServerOptions;
  const closing = new Closing(server, requireMs('options.quietMs', quietMs));
  return async ({ signal }) => {
    const destroy = (): void => {
      closing.destroy();
    };
    if (signal.aborted) destroy();
    else signal.addEventListener('abort', destroy, { once: true });
    await closing.run();
    signal.removeEventListener('abort', destroy);
    signal.throwIfAborted();
  };
}

class Closing {
  readonly #server: NetServer;
  readonly #quietMs: number;
  readonly #connections = new Map<Socket | ServerHttp2Session, Connection>();
  #closing = false;
  #ended: () => void = () => undefined;

  constructor(server: NetServer, quietMs: number) {
    this.#server = server;
    this.#quietMs = quietMs;
    if (server instanceof HttpServer) this.#follow(server, 'connection');
    // HTTPS, and HTTP/2 that allows HTTP/1.
    else this.#follow(server, 'secureConnection');
    server.on('session', (session: ServerHttp2Session) => {
      this.#add(session, new Http2Connection(session));
    });
    // Before the application's own listener, which may answer at once.
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
      if (request.httpVersionMajor < 2) this.#http1(request.socket).serve(request, response);
    });
  }

  /** Resolves when no connection is left. */
  async run(): Promise<void> {
    const ended = new Promise<void>((resolve) => (this.#ended = resolve));
    // Connections that wait to be accepted come first: whoever made them counts on them.
    setImmediate(() => {
      this.#closing = true;
      // Not the server's own close(): HTTP's ends connections whose next request is under way.
      if (this.#server.listening) NetServer.prototype.close.call(this.#server);
      for (const connection of this.#connections.values()) connection.announce();
      this.#sweep();
    });
    return ended;
  }

  destroy(): void {
    for (const connection of this.#connections.values()) connection.destroy();
    if ('closeAllConnections' in this.#server) (this.#server as HttpServer).closeAllConnections();
  }

  // Called right after the loop has read whatever had come: what looks quiet now is quiet.
  #sweep(): void {
    for (const connection of this.#connections.values()) {
      if (connection.isIdle(this.#quietMs)) connection.close();
    }
    if (this.#connections.size === 0) this.#ended();
    else
      setTimeout(
        () =>
          setImmediate(() => {
            this.#sweep();
          }),
        SWEEP_MS,
      );
  }

  #follow(server: NetServer, event: 'connection' | 'secureConnection'): void {
    server.on(event, (socket: Socket & { alpnProtocol?: unknown }) => {
      if (socket.alpnProtocol !== 'h2') this.#http1(socket);
    });
  }

  #http1(socket: Socket): Http1Connection {
    const known = this.#connections.get(socket);
    if (known instanceof Http1Connection) return known;
    const connection = new Http1Connection(socket);
    this.#add(socket, connection);
    return connection;
  }

  #add(peer: Socket | ServerHttp2Session, connection: Connection): void {
    this.#connections.set(peer, connection);
    peer.once('close', () => this.#connections.delete(peer));
    if (this.#closing) connection.announce();
  }
}
