import { describe, expect, test } from '@jest/globals';

import { scenario } from '../support/scenario';

/** What a delivery of the trace looks like once it has been reported. */
interface Told {
  signal: string;
  thread: number | null;
  wokenAfter: number;
  leftAfter: number;
  chain: { owner: string; startedAfter: number; endedAfter: number; symbol: string | null }[];
  listeners: { kind: string; startedAfter: number; endedAfter: number; failed: boolean }[];
}

describe('trace()', () => {
  test('times each step: handler, chain, wake-up, each listener', async () => {
    const child = await scenario(async ({ sigbridge, report, fixture, require }) => {
      const { trace } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      fixture('foreign_a').install(12, { siginfo: true });
      const tracing = trace();
      const arrived = sigbridge.once('SIGUSR2', { ref: true });
      const channel = sigbridge.notify('SIGUSR2');
      process.on('SIGUSR2', () => undefined);
      const before = process.hrtime.bigint();
      process.kill(process.pid, 'SIGUSR2');
      await arrived;
      const [one] = tracing.deliveries();
      if (one === undefined) throw new Error('no delivery');
      report({
        ...one,
        enteredAt: Number(one.enteredAt - before),
        chain: one.chain?.map((call) => ({ ...call, symbol: call.handler?.symbol ?? null })),
      });
      report({
        count: tracing.count,
        latencies: tracing.latency.count,
        shortest: tracing.latency.min,
        first: one.listeners[0]?.startedAfter,
      });
      channel.close();
    });
    const one = await child.next<Told & { enteredAt: number }>();
    expect(one).toMatchObject({ signal: 'SIGUSR2', code: 'SI_USER', pid: child.pid, index: 1 });
    expect(one.thread).toBe(child.pid);
    expect(one.enteredAt).toBeGreaterThan(0);
    expect(one.chain.map(({ owner }) => owner)).toEqual(['libuv', 'native']);
    expect(one.listeners.map(({ kind, failed }) => [kind, failed])).toEqual([
      ['listener', false],
      ['channel', false],
    ]);
    // Each step is over before the next one begins.
    const steps = [
      0,
      ...one.chain.flatMap((call) => [call.startedAfter, call.endedAfter]),
      one.leftAfter,
      one.wokenAfter,
      ...one.listeners.flatMap((call) => [call.startedAfter, call.endedAfter]),
    ];
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps.every((step) => Number.isInteger(step))).toBe(true);
    const histogram =
      await child.next<Record<'count' | 'latencies' | 'shortest' | 'first', number>>();
    expect(histogram).toMatchObject({ count: 1, latencies: 1 });
    // Counted from the capture in the handler, within the histogram's three figures.
    expect(histogram.shortest).toBeLessThanOrEqual(histogram.first * 1.01);
    expect(histogram.shortest).toBeGreaterThan(0);
  });

  test('shows a chained handler that comes first, and a listener that throws', async () => {
    const child = await scenario(async ({ sigbridge, report, fixture, require, settle }) => {
      const { trace } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      process.on('uncaughtException', () => undefined);
      fixture('foreign_a').install(12, { siginfo: true });
      const tracing = trace();
      sigbridge.bridge('SIGUSR2', { order: 'native-first' });
      sigbridge.on('SIGUSR2', () => {
        throw new Error('on purpose');
      });
      sigbridge.on('SIGUSR2', () => undefined);
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      const [one] = tracing.deliveries();
      report({ chain: one?.chain, listeners: one?.listeners });
    });
    const { chain, listeners } = await child.next<Told>();
    expect(chain.map(({ owner }) => owner)).toEqual(['native']);
    expect(listeners.map(({ failed }) => failed)).toEqual([true, false]);
  });

  test('keeps the last ones, counts all, and is over when it is closed', async () => {
    const child = await scenario(async ({ sigbridge, report, require, settle }) => {
      const { trace } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      const { channel } =
        require('node:diagnostics_channel') as typeof import('node:diagnostics_channel');
      sigbridge.on('SIGRTMIN+3', () => undefined);
      const tracing = trace({ last: 4 });
      const send = (value: number): void => {
        sigbridge.send(process.pid, 'SIGRTMIN+3', { value });
      };
      for (let value = 1; value <= 10; value++) send(value);
      await settle();
      report(tracing.deliveries().map(({ index, value }) => [index, value]));
      tracing.close();
      send(11);
      await settle();
      report([tracing.count, tracing.deliveries().length, tracing.latency.count, tracing.closed]);
      report(['arrival', 'delivery'].map((name) => channel(`sigbridge:${name}`).hasSubscribers));
    });
    expect(await child.next()).toEqual([
      [7, 7],
      [8, 8],
      [9, 9],
      [10, 10],
    ]);
    expect(await child.next()).toEqual([10, 4, 10, true]);
    expect(await child.next()).toEqual([false, false]);
  });

  test('says that the handler is not known any more, when so many others have come since', async () => {
    const child = await scenario(async ({ sigbridge, report, require, settle }) => {
      const { trace } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      sigbridge.on(['SIGRTMIN+3', 'SIGUSR2'], () => undefined);
      const tracing = trace({ last: 1024 });
      process.kill(process.pid, 'SIGUSR2');
      for (let value = 0; value < 1_023; value++) {
        sigbridge.send(process.pid, 'SIGRTMIN+3', { value });
      }
      // Whose handler calls nobody has taken yet, and nobody looks at.
      const flag = sigbridge.flag('SIGHUP');
      process.kill(process.pid, 'SIGHUP');
      await settle();
      const all = tracing.deliveries();
      report([all.length, flag.count]);
      report([all[0]?.signal, all[0]?.thread, all[0]?.chain, all[0]?.leftAfter]);
      report(all.filter(({ thread }) => thread === null).length);
    });
    expect(await child.next()).toEqual([1024, 1]);
    expect(await child.next()).toEqual(['SIGUSR2', null, null, null]);
    expect(await child.next()).toBe(1);
  });

  test('refuses a length that it cannot keep', async () => {
    const child = await scenario(({ report, require }) => {
      const { trace } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      report(
        [0, 1025, 1.5, Number.NaN, '7' as unknown as number].map((last) => {
          try {
            trace({ last });
            return null;
          } catch (error) {
            return (error as { code: string }).code;
          }
        }),
      );
    });
    expect(await child.next()).toEqual(Array(5).fill('ERR_INVALID_ARG'));
  });
});
