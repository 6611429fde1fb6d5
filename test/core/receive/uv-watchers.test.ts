import { describe, expect, test } from '@jest/globals';

import { fixturePath } from '../../support/fixtures';
import { scenario } from '../../support/scenario';

const SIGHUP = 1;

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
        const worker = new Worker(
          `const { parentPort, workerData } = require('node:worker_threads');
          const uv = require(workerData.uvwatch);
          uv.startWatch(workerData.SIGHUP);
          let seen = 0;
          const look = () => {
            const count = uv.count(workerData.SIGHUP);
            if (count > seen) parentPort.postMessage((seen = count));
            setImmediate(look);
          };
          parentPort.postMessage('watching');
          look();`,
          { eval: true, workerData: args },
        );
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
      { args: { SIGHUP, uvwatch: fixturePath('uvwatch.node') } },
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
