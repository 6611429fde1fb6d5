import { requireMs } from '../../base/errors/numbers.js';
import { readOptions } from '../../base/errors/options.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import type { StageTask } from '../stage.js';

/** A WebSocket, or a connection of engine.io's: as far as {@link webSockets} needs it. */
interface Peer {
  close(code?: number | boolean, reason?: string): unknown;
  terminate?(): void;
  once(event: 'close', listener: () => void): unknown;
}

/** A server of `ws`, of socket.io or of engine.io: as far as {@link webSockets} needs it. */
export interface WebSocketServerLike {
  /** An event emitter, as both are. */
  readonly on: (...args: never[]) => unknown;
}

/** How {@link webSockets} says goodbye. */
export interface WebSocketsOptions {
  /** How long, in ms, clients have to answer the close frame before they are cut off; 1,000 by default. */
  timeoutMs?: number;
  /** The code of the close frame; 1001 by default, "going away" (RFC 6455, 7.4.1). Not for socket.io. */
  code?: number;
  /** The reason in it; empty by default. */
  reason?: string;
}

/**
 * A stage that ends the WebSockets of a server of `ws`, or the clients of socket.io: each gets a close
 * frame, and those that have not closed within `timeoutMs` are cut off. Clients of socket.io see that
 * the transport has closed, and connect again, elsewhere. Whoever connects meanwhile gets the same.
 * The HTTP server below is left to {@link httpServer}, which may run side by side with this. For
 * servers of the main thread. RFC 6455, 7.
 * @throws ERR_INVALID_ARG for another kind of server, and for one of ws without `clientTracking`
 */
export function webSockets(server: WebSocketServerLike, options?: WebSocketsOptions): StageTask {
  const kinds = { timeoutMs: 'number', code: 'number', reason: 'string' } as const;
  const given = readOptions(options, kinds) as WebSocketsOptions;
  const timeoutMs = requireMs('options.timeoutMs', given.timeoutMs ?? 1_000);
  const { code = 1001, reason = '' } = given;
  peersOf(server);
  return async ({ signal }) => {
    const cutOff = (): void => {
      for (const peer of peersOf(server))
        if (peer.terminate) peer.terminate();
        else peer.close(true);
    };
    const goodbye = (peer: Peer): Promise<void> => {
      const closed = new Promise<void>((resolve) => peer.once('close', resolve));
      if (peer.terminate) peer.close(code, reason);
      else peer.close();
      return closed;
    };
    carrierOf(server)?.on('connection', (peer) => void goodbye(peer));
    const timer = setTimeout(cutOff, timeoutMs);
    if (signal.aborted) cutOff();
    else signal.addEventListener('abort', cutOff, { once: true });
    await Promise.all([...peersOf(server)].map(goodbye));
    clearTimeout(timer);
    signal.removeEventListener('abort', cutOff);
  };
}

interface Known {
  on(event: 'connection', listener: (peer: Peer) => void): unknown;
  clients?: Set<Peer> | Record<string, Peer>;
  engine?: Known;
}

// socket.io's own sockets are closed by what carries them: told to disconnect, its clients would stay away.
function carrierOf(server: WebSocketServerLike): Known | undefined {
  const known = server as unknown as Known | null | undefined;
  return known?.engine ?? known ?? undefined;
}

function peersOf(server: WebSocketServerLike): Iterable<Peer> {
  const clients = carrierOf(server)?.clients;
  if (clients instanceof Set) return clients;
  if (typeof clients === 'object') return Object.values(clients);
  throw invalidArg('server', server, 'a server of ws (with clientTracking) or of socket.io');
}
