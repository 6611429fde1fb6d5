import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { invalidArg, unsupported } from '../base/errors/SignalError.js';
import type {
  ChangeMessage,
  DisplacementMessage,
  OverflowMessage,
} from '../core/events/channels.js';
import type { Shutdown } from '../shutdown/Shutdown.js';
import { allSignals, toName } from '../base/signal/names.js';
import { isChannel } from './backlog.js';
import { allTakers } from './books.js';
import { countersOf, type Counters } from './counters.js';
import { ShutdownSpans } from './shutdownSpans.js';
import { openTrace } from './trace.js';

/** What is measured, and by whose API. */
export interface InstrumentOptions {
  /** A span is made for it, and one for each of its stages. */
  shutdown?: Shutdown;
}

/** OpenTelemetry at work, see {@link instrument}. */
export interface Instruments extends Disposable {
  /** Whether nothing is told to OpenTelemetry any more. */
  readonly closed: boolean;
  /** Nothing is measured any more. */
  close(): void;
}

type Api = typeof import('@opentelemetry/api');

/**
 * Tells OpenTelemetry, by the meter and tracer providers that are registered, what becomes of signals:
 * counters, the latency of deliveries to this thread, and spans of a shutdown. Needs
 * `@opentelemetry/api`.
 * Sources: as trace, and the API of OpenTelemetry.
 * @throws ERR_UNSUPPORTED when that is not installed, ERR_INVALID_ARG
 */
export function instrument(options: InstrumentOptions = {}): Instruments {
  const { shutdown } = readInstrumentOptions(options);
  const api = loadApi();
  const undo = measure(api);
  const spans = shutdown === undefined ? null : new ShutdownSpans(api, shutdown);
  let closed = false;
  const close = (): void => {
    closed = true;
    for (const step of undo.splice(0)) step();
    spans?.close();
  };
  return {
    get closed() {
      return closed;
    },
    close,
    [Symbol.dispose]: close,
  };
}

function readInstrumentOptions(options: unknown): InstrumentOptions {
  if (typeof options !== 'object' || options === null) {
    throw invalidArg('options', options, 'an object');
  }
  const { shutdown } = options as InstrumentOptions;
  if (shutdown !== undefined && typeof (shutdown as Partial<Shutdown>).stage !== 'function') {
    throw invalidArg('options.shutdown', shutdown, 'what createShutdown() gave back');
  }
  return shutdown === undefined ? {} : { shutdown };
}

function loadApi(): Api {
  try {
    // Here and not above: who does not ask for it needs no such package.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return require('@opentelemetry/api') as Api;
  } catch (error) {
    throw unsupported('instrument()', 'the package @opentelemetry/api is not installed', error);
  }
}

const COUNTERS: readonly [name: keyof Counters, description: string][] = [
  ['arrived', 'Signals seen by the handler while somebody listened'],
  ['taken', 'Events that event loops have taken'],
  ['folded', 'Arrivals folded into other events'],
];

// Gives back what takes it back.
function measure({ metrics }: Api): (() => void)[] {
  const meter = metrics.getMeter('sigbridge');
  const latency = meter.createHistogram('sigbridge.delivery.latency', {
    unit: 's',
    description: 'From the signal handler to the start of the first listener of this thread',
    // The default buckets are made for milliseconds.
    advice: { explicitBucketBoundaries: [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.1, 1, 10] },
  });
  const trace = openTrace({ last: 1 }, (ns, { signal }) => {
    latency.record(ns / 1e9, { signal });
  });
  return [
    () => {
      trace.close();
    },
    ...COUNTERS.map(([name, description]) => {
      const counter = meter.createObservableCounter(`sigbridge.signals.${name}`, { description });
      const observe: Parameters<typeof counter.addCallback>[0] = (result) => {
        for (const number of allSignals()) {
          const counters = countersOf(number);
          if (counters.arrived > 0) result.observe(counters[name], { signal: toName(number) });
        }
      };
      counter.addCallback(observe);
      return () => {
        counter.removeCallback(observe);
      };
    }),
    observeBacklog(meter),
    count(meter, 'overflow', (message) => {
      const { where, event, count: lost } = message as OverflowMessage;
      return [lost, { where, signal: event.signal }];
    }),
    count(meter, 'displacement', (message) => {
      return [1, { signal: (message as DisplacementMessage).signal }];
    }),
    count(meter, 'change', (message) => {
      const { signal, after, cause } = message as ChangeMessage;
      return [1, { signal, after, cause }];
    }),
  ];
}

type Meter = ReturnType<Api['metrics']['getMeter']>;

function observeBacklog(meter: Meter): () => void {
  const gauge = meter.createObservableGauge('sigbridge.channel.backlog', {
    description: 'Events that wait in channels',
  });
  const observe: Parameters<typeof gauge.addCallback>[0] = (result) => {
    for (const channel of allTakers().filter(isChannel)) {
      result.observe(channel.backlog, { signals: channel.signals.join(' ') });
    }
  };
  gauge.addCallback(observe);
  return () => {
    gauge.removeCallback(observe);
  };
}

/** Counts what a diagnostics channel tells. */
function count(
  meter: Meter,
  name: 'overflow' | 'displacement' | 'change',
  read: (message: unknown) => [value: number, attributes: Record<string, string>],
): () => void {
  const counter = meter.createCounter(`sigbridge.${name}`);
  const listener = (message: unknown): void => {
    counter.add(...read(message));
  };
  subscribe(`sigbridge:${name}`, listener);
  return () => {
    unsubscribe(`sigbridge:${name}`, listener);
  };
}
