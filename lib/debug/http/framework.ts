import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request of `node:http`, or of Express, which adds to it; or Fastify's, which wraps one. */
export type AnyRequest =
  IncomingMessage | { readonly raw: IncomingMessage; readonly params?: unknown };
/** What a server, Express, Koa or Fastify hands to a route to answer by. */
export type AnyResponse =
  | ServerResponse
  | {
      readonly raw: ServerResponse;
      /** Fastify's: the answer is written by somebody else. */
      hijack(): unknown;
    };

/** @internal */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Below where the handler is mounted: begins with a slash. */
  readonly path: string;
  /** What the client asked for. */
  readonly whole: string;
  readonly query: URLSearchParams;
}

/** @internal `prefix`: where it is mounted, for those who do not take that off the URL. */
export function readCall(request: AnyRequest, response: AnyResponse, prefix: string): Call {
  const raw = 'raw' in request ? request.raw : request;
  // Fastify must not answer as well.
  if ('raw' in response) response.hijack();
  const { originalUrl = raw.url } = raw as { originalUrl?: string };
  const { path, query } = split(raw.url ?? '/');
  return {
    request: raw,
    response: 'raw' in response ? response.raw : response,
    path: 'raw' in request && prefix === '' ? matched(request) : below(path, prefix),
    whole: split(originalUrl ?? '/').path,
    query,
  };
}

function split(url: string): { path: string; query: URLSearchParams } {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  return { path, query: new URLSearchParams(at < 0 ? '' : url.slice(at)) };
}

// What stands for the `*` of a route of Fastify's; one without it is where the page itself lies.
function matched({ params }: { params?: unknown }): string {
  const rest = (params as Record<string, unknown> | undefined)?.['*'];
  return typeof rest === 'string' ? `/${rest}` : '/';
}

function below(path: string, prefix: string): string {
  const inside = path === prefix || path.startsWith(`${prefix}/`);
  return inside ? path.slice(prefix.length) || '/' : path;
}
