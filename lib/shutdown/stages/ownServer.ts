import { Server as HttpServer } from 'node:http';
import { Server as NetServer } from 'node:net';

/** How often idle connections are closed while the server closes. */
const SWEEP_MS = 10;

/**
 * @internal A server that stands on the runtime's own sockets (Bun's), whose connections cannot be
 * followed from outside.
 */
export function isOwnServer(server: unknown): server is HttpServer {
  return server instanceof HttpServer && !(server instanceof NetServer);
}

/**
 * @internal Closes it as far as its own methods go: no more connections, idle ones end at once, requests
 * under way are answered, and what is left when `signal` is aborted is destroyed.
 */
export async function closeOwnServer(server: HttpServer, signal: AbortSignal): Promise<void> {
  if (!server.listening) return;
  const destroy = (): void => {
    server.closeAllConnections();
  };
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, SWEEP_MS);
  const closed = new Promise((resolve) => server.close(resolve));
  if (signal.aborted) destroy();
  else signal.addEventListener('abort', destroy, { once: true });
  await closed;
  clearInterval(sweep);
  signal.removeEventListener('abort', destroy);
  signal.throwIfAborted();
}
