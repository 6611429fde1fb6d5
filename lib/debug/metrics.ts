import type { Dump } from './dumpModel.js';
import { Counter, Gauge, Histogram, Registry } from './kept.js';

/** Seconds: from a few µs, which is usual, to an event loop that was blocked. */
const BUCKETS = [10e-6, 30e-6, 100e-6, 300e-6, 1e-3, 3e-3, 10e-3, 30e-3, 0.1, 0.3, 1, 3, 10];

/** @internal The state as Prometheus reads it. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #latency = new Histogram({
    name: 'sigbridge_delivery_latency_seconds',
    help: 'From the signal handler to the start of the first listener of this thread.',
    buckets: BUCKETS,
    registers: [this.#registry],
  });
  readonly #arrived = this.#counter(
    'arrived',
    'Signals seen by the handler while somebody listened.',
  );
  readonly #taken = this.#counter('taken', 'Events that event loops have taken.');
  readonly #folded = this.#counter('folded', 'Arrivals folded into other events.');
  readonly #listeners = this.#gauge('subscriptions', 'What subscribes in this thread.', [
    'signal',
    'kind',
  ]);
  readonly #backlog = this.#gauge('channel_backlog', 'Events that wait in channels.', ['signals']);
  readonly #dropped = new Counter({
    name: 'sigbridge_channel_dropped_total',
    help: 'Arrivals that open channels had no room for.',
    labelNames: ['signals'],
    registers: [this.#registry],
  });
  readonly #displaced = this.#gauge(
    'displaced',
    'Signals over whose handler somebody has installed another.',
    ['signal'],
  );

  observe(latencyNs: number): void {
    this.#latency.observe(latencyNs / 1e9);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** What was observed, and the state as it is. */
  async text(state: Dump): Promise<string> {
    for (const metric of [this.#arrived, this.#taken, this.#folded]) metric.reset();
    for (const { signal, arrived, taken, folded } of state.counters) {
      this.#arrived.inc({ signal }, arrived);
      this.#taken.inc({ signal }, taken);
      this.#folded.inc({ signal }, folded);
    }
    this.#listeners.reset();
    for (const { kind, signals } of state.subscriptions) {
      for (const signal of signals) this.#listeners.inc({ kind, signal });
    }
    this.#backlog.reset();
    this.#dropped.reset();
    for (const { signals, backlog, dropped } of state.channels) {
      this.#backlog.inc({ signals: signals.join(' ') }, backlog);
      this.#dropped.inc({ signals: signals.join(' ') }, dropped);
    }
    this.#displaced.reset();
    for (const { signal } of state.displaced) this.#displaced.set({ signal }, 1);
    return this.#registry.metrics();
  }

  #counter(name: string, help: string): Counter<'signal'> {
    return new Counter({
      name: `sigbridge_signals_${name}_total`,
      help,
      labelNames: ['signal'],
      registers: [this.#registry],
    });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name: `sigbridge_${name}`, help, labelNames, registers: [this.#registry] });
  }
}
