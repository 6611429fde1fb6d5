import { Socket, type Server } from 'node:net';
import { SignalError } from '../../../base/errors/SignalError.js';
import { loadAddon, usesLibuv } from '../../../base/native/load.js';

/** For how long at most the loop is given time to accept. */
const ACCEPT_MS = 500;

// What Node keeps of a server that has accepted a connection.
interface Accepting extends Server {
  _connections: number;
  _handle?: { fd?: number } | null;
  allowHalfOpen?: boolean;
}

/**
 * @internal Takes connections that wait to be accepted, which closing would reset, and whoever made them
 * counts on them; after the last one the listening socket is closed before another can come. `false`, and
 * nothing is done, where that cannot be: in a cluster's worker, say, whose primary accepts.
 */
export function takeWaiting(server: Server): boolean {
  const accepting = server as Accepting;
  const fd = accepting._handle?.fd;
  const native = loadAddon();
  if (fd === undefined || fd < 0 || !usesLibuv || native instanceof SignalError) return false;
  const descriptors = native.closeListener(fd);
  for (const descriptor of descriptors ?? []) {
    const socket = new Socket({ fd: descriptor, allowHalfOpen: accepting.allowHalfOpen ?? false });
    socket.setNoDelay(true);
    accepting._connections++;
    Object.assign(socket, { server, _server: server });
    server.emit('connection', socket);
  }
  return descriptors !== null;
}

/** @internal Has the loop accept them. It takes one in each turn: a turn without one says that none is left. */
export async function acceptWaiting(server: Server): Promise<void> {
  const began = performance.now();
  let accepted = 0;
  const count = (): void => {
    accepted++;
  };
  server.on('connection', count);
  await turn();
  for (let before = -1; before !== accepted && performance.now() - began < ACCEPT_MS;) {
    before = accepted;
    await turn();
  }
  server.off('connection', count);
}

/** @internal When the loop has read what had come. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
