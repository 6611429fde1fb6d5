import { describe, expect, test } from '@jest/globals';

import { fixturePath } from '../../support/fixtures';
import { scenario } from '../../support/scenario';

const SIGHUP = 1;

// Watches SIGHUP on its own loop, and tells how many it has seen.
const WATCHING_WORKER = `const { parentPort, workerData } = require('node:worker_threads');
  const uv = require(workerData.uvwatch);
  uv.startWatch(workerData.SIGHUP);
  let seen = 0;
  const look = () => {
    const count = uv.count(workerData.SIGHUP);
    if (count > seen) parentPort.postMessage((seen = count));
    setImmediate(look);
  };
  parentPort.postMessage('watching');
  look();`;

// Native code may watch signals through libuv as Node itself does, and nobody tells us of it.
describe('a uv_signal_t of a foreign addon', () => {
  test('from before hears each signal once, during and after', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const uv = fixture('uvwatch');
        let heard = 0;
        uv.startWatch(args.SIGHUP);
        const signal = async () => {
          process.kill(process.pid, 'SIGHUP');
          await settle();
          report([heard, uv.count(args.SIGHUP), sigbridge.inspect('SIGHUP').owner]);
        };
        await signal();
        const subscription = sigbridge.on('SIGHUP', () => heard++);
        await signal();
        await signal();
        subscription.close();
        await signal();
        uv.stopWatch(args.SIGHUP);
        report(sigbridge.inspect('SIGHUP').disposition);
      },
      { args: { SIGHUP } },
    );
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual([
      [0, 1, 'libuv'],
      [1, 2, 'sigbridge'],
      [2, 3, 'sigbridge'],
      [2, 4, 'libuv'],
      'default',
    ]);
  });

  test('from a later moment hears each signal once, the first one too, and after', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const uv = fixture('uvwatch');
        let heard = 0;
        const subscription = sigbridge.on('SIGHUP', () => heard++);
        const signal = async () => {
          process.kill(process.pid, 'SIGHUP');
          await settle();
          report([heard, uv.count(args.SIGHUP), sigbridge.inspect('SIGHUP').owner]);
        };
        await signal();
        uv.startWatch(args.SIGHUP);
        await signal();
        await signal();
        subscription.close();
        await signal();
        uv.stopWatch(args.SIGHUP);
        report(sigbridge.inspect('SIGHUP').disposition);
      },
      { args: { SIGHUP } },
    );
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual([
      [1, 0, 'sigbridge'],
      [2, 1, 'sigbridge'],
      [3, 2, 'sigbridge'],
      [3, 3, 'libuv'],
      'default',
    ]);
  });

  test('that stops before us leaves ours, and what stood before both', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const uv = fixture('uvwatch');
        let heard = 0;
        sigbridge.ignore('SIGHUP');
        const subscription = sigbridge.on('SIGHUP', () => heard++);
        uv.startWatch(args.SIGHUP);
        process.kill(process.pid, 'SIGHUP');
        await settle();
        uv.stopWatch(args.SIGHUP);
        process.kill(process.pid, 'SIGHUP');
        await settle();
        subscription.close();
        await settle();
        report([heard, uv.count(args.SIGHUP), sigbridge.inspect('SIGHUP').disposition]);
      },
      { args: { SIGHUP } },
    );
    expect(await child.next()).toEqual([2, 1, 'ignore']);
  });

  test('from the turn of the last close hears signals from the next turn on', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const uv = fixture('uvwatch');
        sigbridge.on('SIGHUP', () => undefined).close();
        uv.startWatch(args.SIGHUP);
        await settle();
        process.kill(process.pid, 'SIGHUP');
        await settle();
        report([uv.count(args.SIGHUP), sigbridge.inspect('SIGHUP').owner]);
        uv.stopWatch(args.SIGHUP);
        report(sigbridge.inspect('SIGHUP').disposition);
      },
      { args: { SIGHUP } },
    );
    expect(await child.next()).toEqual([1, 'libuv']);
    expect(await child.next()).toBe('default');
  });

  test('beside process.on and ours: all three hear each signal once', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const uv = fixture('uvwatch');
        let [ours, theirs] = [0, 0];
        const listener = () => theirs++;
        const subscription = sigbridge.on('SIGHUP', () => ours++);
        const signal = async () => {
          process.kill(process.pid, 'SIGHUP');
          await settle();
          report([ours, theirs, uv.count(args.SIGHUP)]);
        };
        process.on('SIGHUP', listener);
        uv.startWatch(args.SIGHUP);
        await signal();
        process.off('SIGHUP', listener);
        await signal();
        process.on('SIGHUP', listener);
        uv.stopWatch(args.SIGHUP);
        await signal();
        uv.startWatch(args.SIGHUP);
        process.off('SIGHUP', listener);
        await signal();
        subscription.close();
        await signal();
      },
      { args: { SIGHUP } },
    );
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual([
      [1, 1, 1],
      [2, 1, 2],
      [3, 2, 2],
      [4, 2, 3],
      [4, 2, 4],
    ]);
  });

  test('that wants one signal only gets one, then ours alone', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const uv = fixture('uvwatch');
        let heard = 0;
        uv.startWatch(args.SIGHUP, { oneshot: true });
        const subscription = sigbridge.on('SIGHUP', () => heard++);
        for (let signals = 0; signals < 2; signals++) {
          process.kill(process.pid, 'SIGHUP');
          await settle();
        }
        subscription.close();
        await settle();
        report([heard, uv.count(args.SIGHUP), sigbridge.inspect('SIGHUP').disposition]);
      },
      { args: { SIGHUP } },
    );
    expect(await child.next()).toEqual([2, 1, 'default']);
  });

  test('of a worker thread hears each signal once, during and after', async () => {
    const child = await scenario(
      async ({ sigbridge, require, report, settle, args }) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const events = require('node:events') as typeof import('node:events');
        const worker = new Worker(args.worker, { eval: true, workerData: args });
        await events.once(worker, 'message');
        let heard = 0;
        const subscription = sigbridge.on('SIGHUP', () => heard++);
        for (let signals = 1; signals <= 4; signals++) {
          if (signals === 4) subscription.close();
          process.kill(process.pid, 'SIGHUP');
          const [watched] = (await events.once(worker, 'message')) as [number];
          await settle();
          report([heard, watched, sigbridge.inspect('SIGHUP').owner]);
        }
        await worker.terminate();
      },
      { args: { SIGHUP, uvwatch: fixturePath('uvwatch.node'), worker: WATCHING_WORKER } },
    );
    expect(await child.exit).toMatchObject({ signal: null });
    expect(child.reports()).toEqual([
      [1, 1, 'sigbridge'],
      [2, 2, 'sigbridge'],
      [3, 3, 'sigbridge'],
      [3, 4, 'libuv'],
    ]);
  });
});

// Of these nobody tells us, on whichever loop they are, and no loop of ours could be asked for them.
describe('one that begins after us, on a loop that we know nothing of,', () => {
  const WAYS = ['on', 'flag', 'bridge', 'a worker'] as const;

  test.each(WAYS)(
    'a thread of its own: hears each signal once beside %s, and after',
    async (way) => {
      const child = await scenario(
        async ({ sigbridge, require, fixture, report, args }) => {
          const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
          const events = require('node:events') as typeof import('node:events');
          const turn = () => new Promise((resolve) => setImmediate(resolve));
          const opens = {
            on: () => sigbridge.on('SIGHUP', () => undefined),
            flag: () => sigbridge.flag('SIGHUP'),
            bridge: () => sigbridge.bridge('SIGHUP'),
            'a worker': async () => {
              const worker = new Worker(
                `const { parentPort, workerData } = require('node:worker_threads');
              const subscription = require(workerData).on('SIGHUP', () => {});
              parentPort.once('message', () => {
                subscription.close();
                parentPort.postMessage('closed');
              });
              parentPort.postMessage('open');`,
                { eval: true, workerData: args.sigbridge },
              );
              await events.once(worker, 'message');
              return {
                close: async () => {
                  worker.postMessage('close');
                  await events.once(worker, 'message');
                },
              };
            },
          };
          const opened = await opens[args.way]();
          const uv = fixture('uvwatch');
          uv.startThread(args.SIGHUP);
          for (let sent = 1; sent <= 6; sent++) {
            if (sent === 5) await opened.close();
            process.kill(process.pid, 'SIGHUP');
            while (uv.threadCount() < sent) await turn();
          }
          for (let turns = 0; turns < 10; turns++) await turn();
          report([uv.threadCount(), sigbridge.inspect('SIGHUP').owner]);
          uv.stopThread();
          await turn();
          report(sigbridge.inspect('SIGHUP').disposition);
          process.exit();
        },
        { args: { way, SIGHUP, sigbridge: require.resolve('../../../dist/index.js') } },
      );
      expect(await child.exit).toMatchObject({ code: 0, signal: null });
      expect(child.reports()).toEqual([[6, 'libuv'], 'default']);
    },
  );

  test('a worker that never loads sigbridge: hears each signal once, as ours does', async () => {
    const child = await scenario(
      async ({ sigbridge, require, report, settle, args }) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const events = require('node:events') as typeof import('node:events');
        let heard = 0;
        const subscription = sigbridge.on('SIGHUP', () => heard++);
        const worker = new Worker(args.worker, { eval: true, workerData: args });
        await events.once(worker, 'message');
        for (let signals = 1; signals <= 6; signals++) {
          if (signals === 6) subscription.close();
          process.kill(process.pid, 'SIGHUP');
          const [watched] = (await events.once(worker, 'message')) as [number];
          await settle();
          report([heard, watched]);
        }
        await worker.terminate();
        process.exit();
      },
      { args: { SIGHUP, uvwatch: fixturePath('uvwatch.node'), worker: WATCHING_WORKER } },
    );
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual([1, 2, 3, 4, 5, 6].map((sent) => [Math.min(sent, 5), sent]));
  });

  test('a hold: hears what was kept when it is released', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, args }) => {
        const turn = () => new Promise((resolve) => setImmediate(resolve));
        const hold = sigbridge.hold('SIGHUP');
        const uv = fixture('uvwatch');
        uv.startThread(args);
        for (let sent = 0; sent < 3; sent++) {
          process.kill(process.pid, 'SIGHUP');
          await turn();
        }
        report(uv.threadCount());
        hold.release();
        // One that comes while another is pending is not queued.
        while (uv.threadCount() === 0) await turn();
        uv.stopThread();
        process.exit();
      },
      { args: SIGHUP },
    );
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual([0]);
  });
});

test('process.on hears what comes after the main thread has closed all, while a worker goes on', async () => {
  const child = await scenario(
    async ({ sigbridge, require, report, settle, args }) => {
      const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
      const events = require('node:events') as typeof import('node:events');
      const subscription = sigbridge.on('SIGHUP', () => undefined);
      await settle();
      const worker = new Worker(
        `require(require('node:worker_threads').workerData).on('SIGHUP', () => {}, { ref: true });
        require('node:worker_threads').parentPort.postMessage('open');`,
        { eval: true, workerData: args },
      );
      await events.once(worker, 'message');
      subscription.close();
      await settle();
      let heard = 0;
      process.on('SIGHUP', () => heard++);
      process.kill(process.pid, 'SIGHUP');
      await settle();
      report(heard);
      await worker.terminate();
    },
    { args: require.resolve('../../../dist/index.js') },
  );
  expect(await child.next()).toBe(1);
});
