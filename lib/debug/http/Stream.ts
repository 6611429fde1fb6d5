import type { ServerResponse } from 'node:http';
import { dump } from '../dump.js';
import { toJson, type PageState } from '../json.js';
import type { Trace } from '../trace.js';

/** How often it is looked whether there is news. */
const EVERY_MS = 250;
/** A client that does not read gets no more until it does. */
const MOST_WAITING = 1_000_000;

/** @internal Server-sent events for all who look at the page; costs nothing while nobody does. */
export class Stream {
  readonly #trace: Trace;
  readonly #send: readonly string[];
  readonly #clients = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | null = null;
  #last = '';
  #told = 0;

  constructor(trace: Trace, send: readonly string[]) {
    this.#trace = trace;
    this.#send = send;
  }

  /** `response` has its head. */
  add(response: ServerResponse): void {
    response.on('close', () => {
      this.#remove(response);
    });
    // Everybody at the same place first: what the newcomer gets next is news to all.
    this.#tell();
    this.#clients.add(response);
    write(response, 'deliveries', toJson(this.#trace.deliveries()));
    write(response, 'state', this.#last || this.#state());
    this.#timer ??= setInterval(() => {
      this.#tell();
    }, EVERY_MS).unref();
  }

  close(): void {
    for (const client of this.#clients) client.end();
  }

  #remove(response: ServerResponse): void {
    this.#clients.delete(response);
    if (this.#clients.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #tell(): void {
    const news = this.#trace.deliveries().filter(({ index }) => index > this.#told);
    this.#told = this.#trace.count;
    if (news.length > 0) this.#writeAll('deliveries', toJson(news));
    const state = this.#state();
    if (state !== this.#last) this.#writeAll('state', state);
    this.#last = state;
  }

  #state(): string {
    const state = dump();
    const { count, min, max, mean } = this.#trace.latency;
    const percentiles = [...this.#trace.latency.percentiles];
    const latency = count === 0 ? null : { count, min, max, mean, percentiles };
    // The time would be news each time.
    return toJson({ ...state, time: undefined, latency, send: this.#send } satisfies PageState);
  }

  #writeAll(event: string, data: string): void {
    for (const client of this.#clients) {
      if (client.writableLength < MOST_WAITING) write(client, event, data);
    }
  }
}

function write(response: ServerResponse, event: string, data: string): void {
  response.write(`event: ${event}\ndata: ${data}\n\n`);
}
