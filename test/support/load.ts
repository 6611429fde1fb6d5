import autocannon from 'autocannon';

/** What a client saw of a server that was under load. */
export interface Load {
  /** Answers with a status of 2xx. */
  good: number;
  /** Answers with another status. */
  bad: number;
  /** Connections refused: no request was lost, the client could go elsewhere. */
  refused: number;
  /** Failures of any other kind, by their message. */
  failures: string[];
  /** Connections that ended before an answer without having been told to with the one before. */
  lost: number;
}

/** Requests without a pause on some connections, until `stop`. */
export interface LoadGenerator {
  readonly load: Load;
  /** Resolves when so many good answers have come in all. */
  answered(count: number): Promise<void>;
  stop(): Load;
}

// What autocannon's client offers to `setupClient`, beside its documented events.
interface Client extends autocannon.Client {
  _connect(): void;
  destroy(): void;
}

/** Keeps `connections` connections to the port busy. */
export function startLoad(port: number, connections: number): LoadGenerator {
  const load: Load = { good: 0, bad: 0, refused: 0, failures: [], lost: 0 };
  let check = (): void => undefined;
  const clients: Client[] = [];
  const options: autocannon.Options = {
    url: `http://127.0.0.1:${String(port)}`,
    connections,
    duration: 3_600,
    timeout: 5,
    setupClient: (client) => {
      clients.push(client as Client);
      watchConnections(client as Client, load);
    },
  };
  const instance = autocannon(options, () => undefined);
  instance.on('response', (_client, status) => {
    if (status >= 200 && status < 300) load.good++;
    else load.bad++;
    check();
  });
  instance.on('reqError', (error) => {
    // After `connect`, no request has been sent: there was nobody to send it to.
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') load.refused++;
    else load.failures.push((error as Error | undefined)?.message ?? 'timeout');
  });
  return {
    load,
    answered: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (load.good >= count) resolve();
        };
        check();
      }),
    stop() {
      // The instance itself looks at `stop` once a second.
      (instance as unknown as { stop(): void }).stop();
      for (const client of clients) client.destroy();
      return load;
    },
  };
}

// autocannon opens a new connection without a word when one ends while a request is under way.
function watchConnections(client: Client, load: Load): void {
  let excused = true; // the first one
  client.on('headers', (message: unknown) => {
    const { headers } = message as { headers: readonly string[] };
    excused = headers.some(
      (name, i) => /^connection$/i.test(name) && /close/i.test(headers[i + 1] ?? ''),
    );
  });
  (client as unknown as NodeJS.EventEmitter).on('connError', () => {
    excused = true; // counted already
  });
  const connect = client._connect.bind(client);
  client._connect = () => {
    if (!excused) load.lost++;
    excused = false;
    connect();
  };
}
