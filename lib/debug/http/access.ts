import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** @internal */
export interface AccessRules {
  readonly allowRemote: boolean;
  /** Names, in lower case, that the `Host` header may have beside the local ones. */
  readonly hosts: readonly string[];
}

/** Headers of a proxy: the peer is then not who asks. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** @internal Why a request is refused; `null` when it is not. */
export function refusal(
  request: IncomingMessage,
  { allowRemote, hosts }: AccessRules,
): string | null {
  if (!allowRemote && !isLoopback(request.socket.remoteAddress)) {
    return 'only requests from this machine are answered (see allowRemote)';
  }
  if (!allowRemote && FORWARDED.some((name) => request.headers[name] !== undefined)) {
    return 'requests that a proxy has passed on are not answered (see allowRemote)';
  }
  const name = hostName(request.headers.host);
  if (!isSafeHost(name) && !hosts.includes(name)) {
    return `the host ${JSON.stringify(name)} is not known (see hosts)`;
  }
  return null;
}

function isLoopback(address = ''): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

// A page elsewhere can make its own name mean this machine (DNS rebinding), but no address, and no
// name below localhost.
function isSafeHost(name: string): boolean {
  return isIP(name) !== 0 || name === 'localhost' || name.endsWith('.localhost');
}

function hostName(host = ''): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

/** @internal Why a request may not send a signal: it has to come from the page itself. */
export function sendRefusal({ headers }: IncomingMessage, token: string): string | null {
  const given = headers['x-sigbridge-token'];
  // A header of its own: no other page can set it without this server's consent (CORS).
  if (typeof given !== 'string' || !isSame(given, token)) return 'the token is not the page’s';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return `it comes from another site (${site})`;
  if (headers.origin !== undefined && hostOf(headers.origin) !== headers.host?.toLowerCase()) {
    return `it comes from another origin (${headers.origin})`;
  }
  return null;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
