import { describe, expect, test } from '@jest/globals';

import { untilCaught } from '../support/kernel';
import { loss, nothingLost, WAYS } from '../support/loss';
import { allOf, NUMBERED_SIGNAL as RT, startFlood } from '../support/numbered';
import { node, programPath } from '../support/program';
import { scenario } from '../support/scenario';
import type { Tally } from '../support/tally';

describe('100,000 numbers to a process that registers and unregisters all the time', () => {
  test.each(WAYS)('are all heard, in order: %s', async (way) => {
    const { cycles, ...found } = await loss(way, 100_000);
    expect(found).toEqual(nothingLost(100_000));
    expect(cycles).toBeGreaterThan(100);
  });
});

describe('a program that takes a second to start, hit once, at each of 50 moments', () => {
  const STEPS = 50;

  async function hitAt(moment: number, flag: string, name: string, how: string): Promise<string> {
    const env = { SIGBRIDGE_HOLD: 'SIGTERM,SIGUSR2' };
    const argv = [programPath(name), String(STEPS), '20', how];
    const program = node(argv, { flags: [flag, 'sigbridge/hold'], env });
    if (moment === 0) await untilCaught(program.pid, 'SIGUSR2');
    else await program.line(String(moment));
    program.kill('SIGTERM');
    await program.line('ready');
    if (how === 'nobody') return String((await program.exit).signal);
    await program.line('heard');
    program.kill('SIGKILL');
    const { signal } = await program.exit;
    return `heard ${String(program.count('heard'))} time, ${String(signal)}`;
  }

  test.each([
    ['--import', 'slow.mjs', 'on', 'heard 1 time, SIGKILL'],
    ['--require', 'slow.cjs', 'process.on', 'heard 1 time, SIGKILL'],
    ['--import', 'slow.cjs', 'nobody', 'SIGTERM'],
  ])('node %s, %s, by %s', async (flag, name, how, ending) => {
    const endings: string[] = [];
    // Three at a time: each waits, or computes on a core of its own.
    const moments = Array.from({ length: STEPS }, (_, index) => index);
    const lane = async (): Promise<void> => {
      for (let moment = moments.pop(); moment !== undefined; moment = moments.pop()) {
        endings.push(await hitAt(moment, flag, name, how));
      }
    };
    await Promise.all([lane(), lane(), lane()]);
    expect(endings).toEqual(Array(STEPS).fill(ending));
  });
});

describe('SIGTERM at some moment of a process that holds and releases all the time', () => {
  test.each(['SIGTERM', ['SIGTERM', 'SIGHUP']])('ends it: %s', async (signals) => {
    const endings: unknown[] = [];
    for (let run = 0; run < 60; run++) {
      const child = await scenario(
        ({ sigbridge, report, args }) => {
          report('loops');
          for (;;) sigbridge.hold(args.signals).release();
        },
        { args: { signals } },
      );
      await child.next();
      child.kill('SIGTERM');
      endings.push((await child.exit).signal);
    }
    expect(endings).toEqual(Array(60).fill('SIGTERM'));
  });
});

describe('numbers keep their order across releases, 60,000 in a run', () => {
  test.each(['the main thread', 'a worker'])('in %s', async (where) => {
    for (let run = 0; run < 10; run++) {
      const count = 60_000;
      const child = await scenario(
        async ({ sigbridge, report, require, args }) => {
          const { tally } = require('./tally.js') as typeof import('../support/tally');
          const { startThread } = require('./threads.js') as typeof import('../support/threads');
          const cycle = async ({ args, report, sigbridge }: Cycling): Promise<void> => {
            for (;;) {
              const held = sigbridge.hold(args.rt);
              if (args.turns === 0) report('holds');
              args.turns++;
              await new Promise((resolve) => setImmediate(resolve));
              held.release();
              await new Promise((resolve) => setImmediate(resolve));
            }
          };
          interface Cycling {
            args: { rt: number; turns: number };
            report: (value: unknown) => void;
            sigbridge: typeof sigbridge;
          }
          const { settled } = tally(sigbridge.on, args.rt, args.count);
          const own = { rt: args.rt, turns: 0 };
          if (args.where === 'a worker') await startThread(cycle, own).next();
          else void cycle({ args: own, report: () => undefined, sigbridge });
          report('ready');
          report(await settled());
          process.exit();
        },
        { args: { rt: RT, count, where } },
      );
      await child.next();
      const { pid, result } = startFlood(child.pid, RT, count);
      await result;
      expect(await child.next<Tally>()).toEqual(allOf(count, pid));
      await child.exit;
    }
  });
});

describe('an event loop that is blocked for ten seconds', () => {
  test('hears of everything afterwards', async () => {
    const count = 60_000;
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { tally } = require('./tally.js') as typeof import('../support/tally');
        const { until } = require('./within.js') as typeof import('../support/within');
        const { settled } = tally(sigbridge.on, args.rt, args.count);
        const terms: string[] = [];
        sigbridge.on('SIGTERM', () => terms.push('on'));
        process.on('SIGTERM', () => terms.push('process.on'));
        const flag = sigbridge.flag('SIGTERM');
        report('ready');
        const end = performance.now() + 10_000;
        while (performance.now() < end);
        report([flag.count, terms]);
        report(await settled());
        await until(() => terms.length >= 2);
        report(terms.sort());
        process.exit();
      },
      { args: { rt: RT, count } },
    );
    await child.next();
    child.kill('SIGTERM');
    const { pid, result } = startFlood(child.pid, RT, count);
    await result;
    expect(await child.next()).toEqual([1, []]);
    expect(await child.next<Tally>()).toEqual(allOf(count, pid));
    expect(await child.next()).toEqual(['on', 'process.on']);
  });
});

describe('over many cycles, neither memory nor handles grow', () => {
  test.each([
    ['on', 1_000_000],
    ['on beside another', 1_000_000],
    ['on a real-time signal', 2000],
    ['hold', 50_000],
    ['prepare', 50_000],
    ['notify', 200_000],
    ['flag', 200_000],
    ['abortSignal', 100_000],
    ['process.on beside ours', 200_000],
    ['events', 200_000],
  ])('%s, %i times', async (what, cycles) => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const fs = require('node:fs') as typeof import('node:fs');
        const nothing = (): void => undefined;
        const { on, hold, prepare, notify, flag, abortSignal } = sigbridge;
        if (args.what.includes('beside')) on('SIGUSR2', nothing);
        let heard = 0;
        if (args.what === 'events') on('SIGUSR2', () => heard++);
        const ways: Record<string, () => void> = {
          on: () => {
            on('SIGUSR2', nothing).close();
          },
          'on beside another': () => {
            on('SIGUSR2', nothing).close();
          },
          'on a real-time signal': () => {
            on(args.rt, nothing).close();
          },
          hold: () => {
            const held = hold('SIGUSR2');
            if (heard++ % 10 === 0) process.kill(process.pid, 'SIGUSR2');
            held.close();
          },
          prepare: () => {
            const batch = prepare();
            const subscription = batch.on(['SIGUSR2', 'SIGHUP'], nothing);
            batch.commit();
            subscription.close();
          },
          notify: () => {
            notify('SIGUSR2').close();
          },
          flag: () => {
            flag('SIGUSR2').close();
          },
          abortSignal: () => {
            const controller = new AbortController();
            abortSignal('SIGUSR2', { signal: controller.signal });
            controller.abort('enough');
          },
          'process.on beside ours': () => {
            process.on('SIGUSR2', nothing);
            process.removeListener('SIGUSR2', nothing);
          },
          events: () => {
            process.kill(process.pid, 'SIGUSR2');
          },
        };
        const way = ways[args.what] ?? nothing;
        const cycle = async (count: number): Promise<void> => {
          for (let done = 1; done <= count; done++) {
            way();
            if (done % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
        };
        const measure = async (): Promise<Record<string, number>> => {
          // Twice: what the first collects may have finalizers.
          for (let turn = 0; turn < 2; turn++) {
            await new Promise((resolve) => setImmediate(resolve));
            globalThis.gc?.();
          }
          const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
          return {
            resident: rss,
            script: heapUsed + external + arrayBuffers,
            mapped: fs.readFileSync('/proc/self/maps', 'utf8').split('\n').length,
            descriptors: fs.readdirSync('/proc/self/fd').length,
            threads: fs.readdirSync('/proc/self/task').length,
          };
        };
        await cycle(args.cycles / 5);
        const warm = await measure();
        for (let part = 0; part < 10; part++) {
          await cycle(args.cycles / 10);
          report();
        }
        const after = await measure();
        report(
          Object.fromEntries(
            Object.entries(after).map(([name, value]) => [name, value - (warm[name] ?? 0)]),
          ),
        );
        process.exit();
      },
      { args: { what, cycles, rt: RT }, nodeArgs: ['--expose-gc'] },
    );
    for (let part = 0; part < 10; part++) await child.next();
    const { resident, script, mapped, ...handles } = await child.next<Grown>();
    expect(handles).toEqual({ descriptors: 0, threads: 0 });
    expect(mapped).toBeLessThan(500);
    // The least that a cycle could leave behind is a pointer of JavaScript's, or one of the blocks
    // of native code: a plan, a hold, a ring.
    expect(script).toBeLessThan(Math.max(400_000, cycles * 4));
    expect(resident).toBeLessThan(48 * 2 ** 20);
  });
});

interface Grown {
  resident: number;
  script: number;
  mapped: number;
  descriptors: number;
  threads: number;
}
