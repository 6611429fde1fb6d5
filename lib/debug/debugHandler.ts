import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { invalidArg } from '../base/errors/SignalError.js';
import { readOptions } from '../base/errors/options.js';
import { send as sendSignal } from '../core/lowlevel/send.js';
import { toName, toNumbersOrNone, type SignalName } from '../base/signal/names.js';
import { dump } from './dump.js';
import { refusal, sendRefusal, type AccessRules } from './http/access.js';
import { ASSETS, assetText } from './http/assets.js';
import { readCall, type AnyRequest, type AnyResponse, type Call } from './http/framework.js';
import { Stream } from './http/Stream.js';
import { toJson } from './json.js';
import type { Metrics } from './metrics.js';
import { openTrace, type Trace } from './trace.js';

/** Who may see the debug page, and what it shows. */
export interface DebugHandlerOptions {
  /** Answer others than this machine, too. Put something that asks who they are before it. */
  allowRemote?: boolean;
  /** Host names under which it may be asked for, beside `localhost` and addresses. */
  hosts?: readonly string[];
  /** Where it is mounted, such as `'/debug'`, for those who leave that in the URL (`node:http`). */
  prefix?: string;
  /** Signals that may be sent to this process from the page; none by default. */
  send?: SignalName | number | readonly (SignalName | number)[];
  /** How many deliveries are kept, see `trace`. */
  last?: number;
}

/** For `http.createServer`, Express' `use`, and a route of Fastify's that ends in `/*`. */
export interface DebugHandler extends Disposable {
  (request: AnyRequest, response: AnyResponse): void;
  /** Ends its trace and its streams; it answers 503 from then on. */
  close(): void;
}

const OPTIONS = {
  allowRemote: 'boolean',
  hosts: 'signals', // a list, checked below
  prefix: 'string',
  send: 'signals',
  last: 'number',
} as const;

/**
 * Shows how the signals of this process stand, to people and to programs: `/` a page that keeps itself
 * up to date, `/json`, `/metrics` for Prometheus, `/events` as server-sent events. Answers requests
 * from this machine only, unless told otherwise. A `trace` runs until `close()`. May be made in any
 * thread, whose subscriptions are shown.
 * Sources: as inspect.
 * @throws ERR_INVALID_ARG, ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL
 */
export function debugHandler(options?: DebugHandlerOptions): DebugHandler {
  const page = new DebugPage(options);
  const handler = (request: AnyRequest, response: AnyResponse): void => {
    page.answer(request, response);
  };
  const close = (): void => {
    page.close();
  };
  return Object.assign(handler, { close, [Symbol.dispose]: close });
}

class DebugPage {
  readonly #rules: AccessRules;
  readonly #prefix: string;
  readonly #send: readonly string[];
  readonly #token = randomBytes(24).toString('base64url');
  readonly #metrics: Promise<Metrics>;
  readonly #trace: Trace;
  readonly #stream: Stream;

  constructor(options?: DebugHandlerOptions) {
    const given = readOptions(options, OPTIONS) as DebugHandlerOptions;
    const { allowRemote = false, hosts = [], prefix = '', send = [], last } = given;
    this.#rules = { allowRemote, hosts: readHosts(hosts) };
    this.#prefix = readPrefix(prefix);
    this.#send = toNumbersOrNone(send).map(toName);
    let metrics: Metrics | undefined;
    // It is there before the next turn of the event loop, and so before the next delivery.
    this.#metrics = import('./metrics.js').then((loaded) => (metrics = new loaded.Metrics()));
    this.#trace = openTrace(last === undefined ? {} : { last }, (ns) => metrics?.observe(ns));
    this.#stream = new Stream(this.#trace, this.#send);
  }

  answer(request: AnyRequest, response: AnyResponse): void {
    const call = readCall(request, response, this.#prefix);
    secure(call.response);
    const reason = refusal(call.request, this.#rules);
    if (reason !== null) end(call.response, 403, `Refused: ${reason}.\n`);
    else if (this.#trace.closed) end(call.response, 503, 'Closed.\n');
    else this.#route(call);
  }

  close(): void {
    this.#trace.close();
    this.#stream.close();
  }

  #route(call: Call): void {
    const { request, response, path } = call;
    if (path === '/send') this.#sendSignal(call);
    else if (request.method === 'GET' || request.method === 'HEAD') this.#show(call);
    else notAllowed(response, 'GET, HEAD');
  }

  #show(call: Call): void {
    const { response, path } = call;
    if (path === '/json') end(response, 200, this.#json(), 'application/json');
    else if (path === '/metrics') void this.#writeMetrics(response);
    else if (path === '/events') this.#openStream(call);
    else if (path === '/' && !call.whole.endsWith('/')) toFolder(call);
    else this.#writeAsset(call);
  }

  #writeAsset({ response, path }: Call): void {
    const asset = ASSETS[path];
    if (asset === undefined) {
      end(response, 404, 'There is no such page.\n');
      return;
    }
    const token = this.#send.length > 0 ? this.#token : '';
    end(response, 200, assetText(asset.file).replace('{{token}}', token), asset.type);
  }

  #json(): string {
    const { count, min, max, mean } = this.#trace.latency;
    return toJson(
      {
        ...dump(),
        deliveries: this.#trace.deliveries(),
        latency: count === 0 ? null : { count, min, max, mean },
      },
      2,
    );
  }

  async #writeMetrics(response: ServerResponse): Promise<void> {
    const metrics = await this.#metrics;
    end(response, 200, await metrics.text(dump()), metrics.contentType);
  }

  #openStream({ request, response }: Call): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    if (request.method === 'HEAD') response.end();
    else this.#stream.add(response);
  }

  #sendSignal({ request, response, query }: Call): void {
    const signal = query.get('signal') ?? '';
    const reason = this.#send.includes(signal)
      ? sendRefusal(request, this.#token)
      : `${JSON.stringify(signal)} is none of the signals that may be sent from here`;
    if (request.method !== 'POST') {
      notAllowed(response, 'POST');
    } else if (reason !== null) {
      end(response, 403, `Refused: ${reason}.\n`);
    } else {
      // Behind the answer: the signal may end the process.
      response.once('finish', () => {
        sendSignal(process.pid, signal);
      });
      end(response, 202, `${signal} is being sent.\n`);
    }
  }
}

// Nothing but the page's own files may run, style or be asked; nobody else may show or read it.
function secure(response: ServerResponse): void {
  response.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cache-Control', 'no-store');
}

function end(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

function notAllowed(response: ServerResponse, methods: string): void {
  response.setHeader('Allow', methods);
  end(response, 405, `Allowed here: ${methods}.\n`);
}

// The page's own links are relative, so that it can be mounted anywhere.
function toFolder({ response, whole }: Call): void {
  response.setHeader('Location', `${whole.slice(whole.lastIndexOf('/') + 1)}/`);
  end(response, 308, '');
}

function readPrefix(prefix: string): string {
  if (prefix === '' || /^(\/[^/?#]+)+$/.test(prefix)) return prefix;
  throw invalidArg('options.prefix', prefix, "a path such as '/debug', with no slash behind it");
}

function readHosts(hosts: unknown): string[] {
  if (Array.isArray(hosts) && hosts.every((host) => typeof host === 'string')) {
    return hosts.map((host) => host.toLowerCase());
  }
  throw invalidArg('options.hosts', hosts, 'a list of host names');
}
