import { describe, expect, test } from '@jest/globals';

import { scenario } from '../../support/scenario';

const TAKERS = require.resolve('../../support/takers.js');

type Takers = (sigbridge: object) => Record<string, () => { close(): void }>;

// Others find a listener on `process` while somebody takes a signal here, and nothing before or after.
describe('who asks process for listeners', () => {
  test.each(['on', 'once', 'notify', 'flag', 'hold', 'bridge', 'prepare'] as const)(
    'finds one while %s takes the signal, and nothing in the moment in which it is closed',
    async (way) => {
      const child = await scenario(
        ({ sigbridge, require, report, args }) => {
          const closes = (require(args.takers) as Takers)(sigbridge);
          const look = () => [process.listenerCount('SIGHUP'), process.listeners('SIGHUP').length];
          report(look());
          const first = closes[args.way]?.();
          const second = sigbridge.on('SIGHUP', () => undefined);
          report(look());
          second.close();
          report(look());
          first?.close();
          report([...look(), process.eventNames().includes('SIGHUP')]);
          report(sigbridge.inspect('SIGHUP').disposition);
        },
        { args: { way, takers: TAKERS } },
      );
      expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
      expect(child.reports()).toEqual([[0, 0], [1, 1], [1, 1], [0, 0, false], 'default']);
    },
  );

  test('is told of nothing that comes or goes', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const told: unknown[] = [];
      process.on('newListener', (name) => told.push(name));
      process.on('removeListener', (name) => told.push(name));
      told.length = 0;
      const subscription = sigbridge.on('SIGHUP', () => undefined);
      await settle();
      subscription.close();
      await settle();
      report(told);
    });
    expect(await child.next()).toEqual([]);
  });

  test('in a worker finds nothing, as process hears no signals there', async () => {
    const child = await scenario(
      async ({ require, report, args }) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const events = require('node:events') as typeof import('node:events');
        const worker = new Worker(
          `const { parentPort, workerData } = require('node:worker_threads');
        require(workerData).on('SIGHUP', () => {});
        parentPort.postMessage(process.listenerCount('SIGHUP'));`,
          { eval: true, workerData: args },
        );
        report([await events.once(worker, 'message'), process.listenerCount('SIGHUP')]);
        await worker.terminate();
      },
      { args: require.resolve('../../../dist/index.js') },
    );
    expect(await child.next()).toEqual([[0], 0]);
  });
});

describe('what others do to the listeners of process', () => {
  test('process.on and its removal leave nothing behind that would keep a signal off', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const listener = () => undefined;
      const subscription = sigbridge.on('SIGTERM', () => undefined);
      process.on('SIGTERM', listener);
      report(process.listenerCount('SIGTERM'));
      process.off('SIGTERM', listener);
      report(process.listenerCount('SIGTERM'));
      await settle();
      subscription.close();
      report(process.listenerCount('SIGTERM'));
      process.kill(process.pid, 'SIGTERM');
      await settle();
      report('alive');
    });
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(child.reports()).toEqual([2, 1, 0]);
  });

  test('removeAllListeners: both find each other again', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      let heard = 0;
      const subscription = sigbridge.on('SIGTERM', () => heard++);
      process.on('SIGTERM', () => undefined);
      process.removeAllListeners('SIGTERM');
      await settle();
      report(process.listenerCount('SIGTERM'));
      process.kill(process.pid, 'SIGTERM');
      await settle();
      report(heard);
      subscription.close();
      report(process.listenerCount('SIGTERM'));
      process.kill(process.pid, 'SIGTERM');
      await settle();
      report('alive');
    });
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(child.reports()).toEqual([1, 1, 0]);
  });

  test.each(['at once', 'a turn later', 'after the last close', 'when it is forgotten'])(
    'saved, taken away and put back %s: one stands, and none after the last close',
    async (when) => {
      const child = await scenario(
        async ({ sigbridge, report, settle, args }) => {
          const subscription = sigbridge.on('SIGTERM', () => undefined);
          process.on('SIGTERM', () => undefined);
          const saved = process.rawListeners('SIGTERM') as (() => void)[];
          process.removeAllListeners('SIGTERM');
          if (args !== 'at once') await settle();
          if (args.startsWith('a')) report(process.listenerCount('SIGTERM'));
          if (args === 'after the last close') subscription.close();
          if (args === 'when it is forgotten') {
            subscription.close();
            await settle();
          }
          for (const listener of saved) process.on('SIGTERM', listener);
          if (args === 'when it is forgotten') process.kill(process.pid, 'SIGTERM');
          await settle();
          report(process.listenerCount('SIGTERM'));
          subscription.close();
          report(process.listenerCount('SIGTERM'));
          const [own] = process.listeners('SIGTERM');
          if (own !== undefined) process.off('SIGTERM', own as () => void);
          report(process.listenerCount('SIGTERM'));
          process.kill(process.pid, 'SIGTERM');
          await settle();
          report('alive');
        },
        { args: when },
      );
      expect(await child.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
      expect(child.reports().slice(-3)).toEqual(
        when === 'at once' || when === 'a turn later' ? [2, 1, 0] : [1, 1, 0],
      );
    },
  );
});
