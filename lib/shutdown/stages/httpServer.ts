import type { Server as HttpServer } from 'node:http';
import type { Http2SecureServer, Http2Server } from 'node:http2';
import type { Server as HttpsServer } from 'node:https';
import { Server as NetServer } from 'node:net';
import { requireMs, requirePositiveMs } from '../../base/errors/numbers.js';
import { readOptions } from '../../base/errors/options.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import { bounded } from '../bounded.js';
import type { StageTask } from '../stage.js';
import { ClosingServer } from './connections/ClosingServer.js';
import { closeOwnServer, isOwnServer } from './ownServer.js';

/** What {@link httpServer} closes. */
export type AnyHttpServer = HttpServer | HttpsServer | Http2Server | Http2SecureServer;

/** How long {@link httpServer} waits for whom. */
export interface HttpServerOptions {
  /**
   * How long, in ms, requests under way, streams of events and upgraded connections are waited for
   * before they are destroyed. By default half of the time that there is in all when the stage begins
   * (5 s of a `totalMs` of 10 s), or the `timeoutMs` of the stage.
   */
  timeoutMs?: number;
  /**
   * For how long, in ms, a kept-alive connection must have been quiet to count as idle; 500 by default.
   * One that has just been answered may have its next request under way, which closing it would lose.
   */
  quietMs?: number;
}

/** The stage of {@link httpServer}. */
export interface HttpServerStage extends StageTask {
  /** One more server: of another address, or of a framework that makes one for each. @throws ERR_INVALID_ARG */
  add(server: AnyHttpServer): this;
}

/**
 * A stage that closes HTTP, HTTPS or HTTP/2 servers. It stops accepting, closes idle connections at
 * once, answers what is under way with `Connection: close` (HTTP/2: GOAWAY), and destroys what is left
 * when its time is over. Call it when the server is made: it counts requests. A server that begins to
 * listen only after that is closed all the same. For servers of the main thread. RFC 9112, 9.6; RFC
 * 9113, 6.8.
 * @param servers one, or several
 * @throws ERR_INVALID_ARG
 */
export function httpServer(
  servers: AnyHttpServer | Iterable<AnyHttpServer>,
  options?: HttpServerOptions,
): HttpServerStage {
  const kinds = { timeoutMs: 'number', quietMs: 'number' } as const;
  const given = readOptions(options, kinds) as HttpServerOptions;
  const quietMs = requireMs('options.quietMs', given.quietMs ?? 500);
  const { timeoutMs } = given;
  if (timeoutMs !== undefined) requirePositiveMs('options.timeoutMs', timeoutMs);

  const list = Symbol.iterator in Object(servers) ? servers : [servers];
  const all = [...(list as Iterable<AnyHttpServer>)].map((server) => closerOf(server, quietMs));
  let begun: AbortSignal | null = null;
  const task: StageTask = (context) =>
    bounded('The HTTP server', context, timeoutMs, async (signal) => {
      begun = signal;
      await Promise.all(all.map((close) => close(signal)));
    });
  const stage: HttpServerStage = Object.assign(task, {
    add(server: AnyHttpServer) {
      const close = closerOf(server, quietMs);
      all.push(close);
      if (begun !== null) void close(begun).catch(() => undefined);
      return stage;
    },
  });
  return stage;
}

/** Closes its server until the signal is aborted, and throws its reason then. */
type Closer = (signal: AbortSignal) => Promise<void>;

function closerOf(server: AnyHttpServer, quietMs: number): Closer {
  if (isOwnServer(server)) return (signal) => closeOwnServer(server, signal);
  if (!(server instanceof NetServer)) {
    throw invalidArg('server', server, 'a server of node:http, node:https or node:http2');
  }
  const closing = new ClosingServer(server, quietMs);
  return async (signal) => {
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
