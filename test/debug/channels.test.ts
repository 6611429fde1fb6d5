import { describe, expect, test } from '@jest/globals';

import { scenario } from '../support/scenario';

describe('diagnostics channels', () => {
  test('arrival and delivery: each event, and each listener that had it', async () => {
    const child = await scenario(async ({ sigbridge, report, require, settle }) => {
      const { subscribe } =
        require('node:diagnostics_channel') as typeof import('node:diagnostics_channel');
      process.on('uncaughtException', () => undefined);
      const told: unknown[] = [];
      const times: bigint[] = [];
      subscribe('sigbridge:arrival', (message) => {
        const { event, takenAt } = message as import('sigbridge').ArrivalMessage;
        told.push(['arrival', event.signal]);
        times.push(event.timestamp, takenAt);
      });
      subscribe('sigbridge:delivery', (message) => {
        const { event, to, startedAt, endedAt, ...rest } =
          message as import('sigbridge').DeliveryMessage;
        const error = (rest.error as Error | undefined)?.message;
        told.push(['delivery', event.signal, to.kind, to.signals, error]);
        times.push(startedAt, endedAt);
      });
      sigbridge.on('SIGUSR2', () => {
        told.push('listener');
        throw new Error('on purpose');
      });
      sigbridge.notify(['SIGUSR2', 'SIGHUP']);
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(told);
      report(times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0n)));
    });
    expect(await child.next()).toEqual([
      ['arrival', 'SIGUSR2'],
      'listener',
      ['delivery', 'SIGUSR2', 'listener', ['SIGUSR2'], 'on purpose'],
      ['delivery', 'SIGUSR2', 'channel', ['SIGUSR2', 'SIGHUP'], null],
    ]);
    expect(await child.next()).toBe(true);
  });

  test('overflow: of a channel that is full, and of an inbox that is', async () => {
    const child = await scenario(async ({ sigbridge, report, require, settle }) => {
      const { subscribe } =
        require('node:diagnostics_channel') as typeof import('node:diagnostics_channel');
      const told: [string, string, number][] = [];
      subscribe('sigbridge:overflow', (message) => {
        const { where, event, count } = message as import('sigbridge').OverflowMessage;
        told.push([where, event.signal, count]);
      });
      const channel = sigbridge.notify('SIGUSR2', { capacity: 1 });
      for (let count = 0; count < 3; count++) process.kill(process.pid, 'SIGUSR2');
      await settle();
      report([told.splice(0), channel.dropped]);
      // More than the inbox holds, while its loop does not turn.
      process.on('warning', () => undefined);
      let seen = 0;
      sigbridge.on('SIGRTMIN+4', (event) => {
        seen += 1 + event.coalesced;
      });
      const many = 65_536 + 100;
      for (let count = 0; count < many; count++) sigbridge.send(process.pid, 'SIGRTMIN+4');
      while (seen < many) await settle();
      const folded = told.reduce((sum, [, , count]) => sum + count, 0);
      const { dump } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      const counted = dump().counters.find(({ signal }) => signal === 'SIGRTMIN+4');
      report([told.every(([where]) => where === 'inbox'), folded, counted]);
    });
    expect(await child.next()).toEqual([
      [
        ['channel', 'SIGUSR2', 1],
        ['channel', 'SIGUSR2', 1],
      ],
      2,
    ]);
    const many = 65_536 + 100;
    expect(await child.next()).toEqual([
      true,
      99,
      { signal: 'SIGRTMIN+4', arrived: many, taken: many - 99, folded: 99 },
    ]);
  });

  test('displacement: once for each newcomer, when it is noticed', async () => {
    const child = await scenario(({ sigbridge, report, fixture, require }) => {
      const { subscribe } =
        require('node:diagnostics_channel') as typeof import('node:diagnostics_channel');
      const told: unknown[] = [];
      subscribe('sigbridge:displacement', (message) => {
        const { signal, disposition, by } = message as import('sigbridge').DisplacementMessage;
        told.push([signal, disposition, by?.module?.split('/').at(-1) ?? null]);
      });
      sigbridge.on('SIGUSR2', () => undefined);
      sigbridge.displaced();
      fixture('foreign_a').install(12, { siginfo: true });
      sigbridge.displaced();
      sigbridge.displaced();
      report(told.splice(0));
      sigbridge.reclaim('SIGUSR2');
      fixture('foreign_a').install(12, { siginfo: true });
      sigbridge.displaced();
      report(told);
    });
    const newcomer = [['SIGUSR2', 'handler', 'foreign_a.node']];
    expect(await child.next()).toEqual(newcomer);
    expect(await child.next()).toEqual(newcomer);
  });

  test('change: by calls, by the first who listens and by the last who leaves', async () => {
    const child = await scenario(async ({ sigbridge, report, require, settle }) => {
      const { subscribe } =
        require('node:diagnostics_channel') as typeof import('node:diagnostics_channel');
      const told: unknown[] = [];
      subscribe('sigbridge:change', (message) => {
        const { signal, before, after, cause } = message as import('sigbridge').ChangeMessage;
        told.push([signal, before, after, cause]);
      });
      const change = sigbridge.ignore('SIGHUP');
      sigbridge.ignore('SIGHUP'); // stands so already
      const first = sigbridge.on('SIGHUP', () => undefined);
      const second = sigbridge.on('SIGHUP', () => undefined);
      first.close();
      second.close();
      await settle();
      report(told.splice(0));
      sigbridge.restore(change);
      report(told);
    });
    expect(await child.next()).toEqual([
      ['SIGHUP', 'default', 'ignore', 'set'],
      ['SIGHUP', 'ignore', 'handler', 'first-listener'],
      ['SIGHUP', 'handler', 'ignore', 'last-close'],
    ]);
    expect(await child.next()).toEqual([['SIGHUP', 'ignore', 'default', 'set']]);
  });
});
