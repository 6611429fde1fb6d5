import { describe, expect, test } from '@jest/globals';

import { scenario } from '../support/scenario';

interface Point {
  name: string;
  value: number | { count: number; sum: number };
  attributes: Record<string, string>;
}

interface SpanTold {
  name: string;
  parent: string | null;
  outcome: string | null;
  error: string | null;
  ended: boolean;
}

describe('instrument()', () => {
  test('counts, and measures latency, by the meter provider that is registered', async () => {
    const child = await scenario(async ({ sigbridge, report, require, settle }) => {
      const { metrics } = require('@opentelemetry/api') as typeof import('@opentelemetry/api');
      const {
        AggregationTemporality,
        InMemoryMetricExporter,
        MeterProvider,
        PeriodicExportingMetricReader,
      } = require('@opentelemetry/sdk-metrics') as typeof import('@opentelemetry/sdk-metrics');
      const { instrument } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
      const reader = new PeriodicExportingMetricReader({
        exporter,
        exportIntervalMillis: 3_600_000,
      });
      const provider = new MeterProvider({ readers: [reader] });
      metrics.setGlobalMeterProvider(provider);
      const points = async (): Promise<unknown[]> => {
        exporter.reset();
        await provider.forceFlush();
        return exporter
          .getMetrics()
          .flatMap(({ scopeMetrics }) =>
            scopeMetrics.flatMap((scope) =>
              scope.metrics.flatMap(({ descriptor: { name }, dataPoints }) =>
                dataPoints.map(({ value, attributes }) => ({ name, value, attributes })),
              ),
            ),
          );
      };

      const instruments = instrument();
      sigbridge.ignore('SIGHUP');
      sigbridge.on('SIGUSR2', () => undefined);
      sigbridge.notify('SIGUSR2', { capacity: 2 });
      for (let count = 0; count < 5; count++) process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(await points());
      instruments.close();
      sigbridge.reset('SIGHUP');
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(await points());
      report(instruments.closed);
      await provider.shutdown();
    });
    const points = await child.next<Point[]>();
    const signal = { signal: 'SIGUSR2' };
    expect(points).toEqual(
      expect.arrayContaining([
        { name: 'sigbridge.signals.arrived', value: 5, attributes: signal },
        { name: 'sigbridge.signals.taken', value: 5, attributes: signal },
        { name: 'sigbridge.signals.folded', value: 0, attributes: signal },
        { name: 'sigbridge.channel.backlog', value: 2, attributes: { signals: 'SIGUSR2' } },
        { name: 'sigbridge.overflow', value: 3, attributes: { ...signal, where: 'channel' } },
        {
          name: 'sigbridge.change',
          value: 1,
          attributes: { signal: 'SIGHUP', after: 'ignore', cause: 'set' },
        },
      ]),
    );
    const latency = points.find(({ name }) => name === 'sigbridge.delivery.latency');
    expect(latency).toMatchObject({ attributes: signal, value: { count: 5 } });
    const { sum } = latency?.value as { sum: number };
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(30); // seconds, not nanoseconds

    const after = await child.next<Point[]>();
    const still = after.find(({ name }) => name === 'sigbridge.delivery.latency');
    expect(still).toMatchObject({ value: { count: 5 } });
    expect(after.filter(({ attributes }) => attributes['after'] === 'default')).toEqual([]);
    expect(await child.next()).toBe(true);
  });

  test('makes a span for a shutdown, and one within for each stage', async () => {
    const child = await scenario(async ({ report, require }) => {
      const { trace } = require('@opentelemetry/api') as typeof import('@opentelemetry/api');
      const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } =
        require('@opentelemetry/sdk-trace-base') as typeof import('@opentelemetry/sdk-trace-base');
      const { createShutdown } =
        require('sigbridge/shutdown') as typeof import('sigbridge/shutdown');
      const { instrument } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      const exporter = new InMemorySpanExporter();
      const provider = new BasicTracerProvider({
        spanProcessors: [new SimpleSpanProcessor(exporter)],
      });
      trace.setGlobalTracerProvider(provider);

      const shutdown = createShutdown({ exit: false, progress: 'none' });
      instrument({ shutdown });
      shutdown.stage('http', () => undefined);
      shutdown.stage(
        'database',
        () => {
          throw new Error('it is gone');
        },
        { after: 'http' },
      );
      shutdown.stage('queue', () => new Promise(() => undefined), { after: 'http', timeoutMs: 20 });
      const ended = new Promise((resolve) => shutdown.once('end', resolve));
      process.kill(process.pid, 'SIGTERM');
      await ended;
      await provider.forceFlush();
      const spans = exporter.getFinishedSpans();
      const nameOf = (id: string | undefined): string | null =>
        spans.find((span) => span.spanContext().spanId === id)?.name ?? null;
      report(
        spans.map(({ name, parentSpanContext, attributes, status, ended: over }) => ({
          name,
          parent: nameOf(parentSpanContext?.spanId),
          outcome: attributes['shutdown.outcome'] ?? null,
          error: status.message ?? null,
          ended: over,
        })),
      );
      const whole = spans.find(({ name }) => name === 'shutdown');
      report(whole?.attributes);
      report(
        spans.find(({ name }) => name === 'shutdown database')?.events.map(({ name }) => name),
      );
    });
    const spans = await child.next<SpanTold[]>();
    const parent = 'shutdown';
    const ended = true;
    expect(spans).toEqual([
      { name: 'shutdown http', parent, outcome: 'done', error: null, ended },
      { name: 'shutdown database', parent, outcome: 'failed', error: 'it is gone', ended },
      {
        name: 'shutdown queue',
        parent,
        outcome: 'timed-out',
        error: expect.stringContaining('queue') as unknown as string,
        ended,
      },
      { name: 'shutdown', parent: null, outcome: null, error: null, ended },
    ]);
    expect(await child.next()).toEqual({
      'shutdown.trigger': 'signal',
      'shutdown.reason': 'SIGTERM',
      'shutdown.sender': child.pid,
      'shutdown.hurried': false,
    });
    expect(await child.next()).toEqual(['exception']);
  });

  test('is not there without the package, and says so; all else is', async () => {
    const child = await scenario(({ report, require }) => {
      // As the loader answers where the package is not installed.
      const Module = require('node:module') as {
        _resolveFilename: (...args: unknown[]) => unknown;
      };
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (...args) => {
        if (args[0] === '@opentelemetry/api') throw new Error('Cannot find module');
        return Reflect.apply(resolve, Module, args);
      };
      const debug = require('sigbridge/debug') as typeof import('sigbridge/debug');
      report(debug.dump().pid);
      const codes = [{}, { shutdown: 7 }, null].map((options) => {
        try {
          debug.instrument(options as object);
          return null;
        } catch (error) {
          return (error as { code: string }).code;
        }
      });
      report(codes);
    });
    expect(await child.next()).toBe(child.pid);
    expect(await child.next()).toEqual(['ERR_UNSUPPORTED', 'ERR_INVALID_ARG', 'ERR_INVALID_ARG']);
  });
});
