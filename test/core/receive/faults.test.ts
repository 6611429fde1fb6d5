import { describe, expect, test } from '@jest/globals';

import { flood } from '../../support/fixtures';
import { untilState } from '../../support/kernel';
import { allOf, mark, NUMBERED_SIGNAL as RT, startFlood } from '../../support/numbered';
import { scenario, type Scenario } from '../../support/scenario';
import type { Tally } from '../../support/tally';

/** A process that reports what became of `count` numbers, and how many came so far when asked. */
async function taker(count: number): Promise<Scenario> {
  const child = await scenario(
    async ({ sigbridge, report, require, args }) => {
      const { tally } = require('./tally.js') as typeof import('../../support/tally');
      let received = 0;
      sigbridge.on(args.rt, () => {
        if (++received === 100) report('a hundred');
      });
      const { settled } = tally(sigbridge.on, args.rt, args.count);
      report('ready');
      report(await settled());
      process.exit();
    },
    { args: { rt: RT, count } },
  );
  await child.next();
  return child;
}

describe('in the midst of a flood', () => {
  test('a process is stopped and goes on: nothing is lost, and the order is kept', async () => {
    const count = 20_000;
    const child = await taker(count);
    const { pid, result } = startFlood(child.pid, RT, count);
    expect(await child.next()).toBe('a hundred');
    for (let stop = 0; stop < 5; stop++) {
      child.kill('SIGSTOP');
      await untilState(child.pid, 'T');
      child.kill('SIGCONT');
      await untilState(child.pid, 'R', 'S');
    }
    expect(await result).toMatchObject({ sent: count });
    expect(await child.next<Tally>()).toEqual(allOf(count, pid));
  });

  test('children are started: they run as ever, and nothing is lost', async () => {
    const count = 20_000;
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { execFile } = require('node:child_process') as typeof import('node:child_process');
        const { promisify } = require('node:util') as typeof import('node:util');
        const { tally } = require('./tally.js') as typeof import('../../support/tally');
        const { settled } = tally(sigbridge.on, args.rt, args.count);
        const held = sigbridge.hold('SIGHUP');
        report('ready');
        const run = promisify(execFile);
        const seen = new Set<string>();
        for (let child = 0; child < 20; child++) {
          const { stdout } = await run('cat', ['/proc/self/status']);
          seen.add(stdout.match(/^Sig(Blk|Ign|Cgt):\t\w+$/gm)?.join() ?? stdout);
        }
        held.release();
        report([...seen]);
        report(await settled());
        process.exit();
      },
      { args: { rt: RT, count } },
    );
    await child.next();
    const { pid, result } = startFlood(child.pid, RT, count);
    const none = '0000000000000000';
    const seen = await child.next<string[]>();
    expect(seen).toEqual([`SigBlk:\t${none},SigIgn:\t${none},SigCgt:\t${none}`]);
    await result;
    expect(await child.next<Tally>()).toEqual(allOf(count, pid));
  });

  test('listeners close themselves, add others, and throw: the rest hears all', async () => {
    const count = 5000;
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { tally } = require('./tally.js') as typeof import('../../support/tally');
        const errors: string[] = [];
        process.on('uncaughtException', ({ message }) => errors.push(message));
        const closed: (number | null)[] = [];
        const added: (number | null)[] = [];
        const self = sigbridge.on(args.rt, ({ value }) => {
          closed.push(value);
          if (value !== 1000) return;
          self.close();
          sigbridge.on(args.rt, ({ value }) => added.push(value));
        });
        sigbridge.on(args.rt, ({ value }) => {
          if ((value ?? 0) % 1000 === 0) throw new Error(`at ${String(value)}`);
        });
        const { settled } = tally(sigbridge.on, args.rt, args.count);
        report('ready');
        const found = await settled();
        report([closed.length, closed.at(-1), added.length, added[0], errors]);
        report(found);
        process.exit();
      },
      { args: { rt: RT, count } },
    );
    await child.next();
    const { pid, result } = startFlood(child.pid, RT, count);
    await result;
    const errors = [0, 1000, 2000, 3000, 4000].map((value) => `at ${String(value)}`);
    expect(await child.next()).toEqual([1001, 1000, count - 1001, 1001, errors]);
    expect(await child.next<Tally>()).toEqual(allOf(count, pid));
  });

  test('a listener ends the process: the others hear of all that had come', async () => {
    const count = 3000;
    const sent = mark();
    const child = await scenario(
      ({ sigbridge, report, require, args }) => {
        const { existsSync } = require('node:fs') as typeof import('node:fs');
        let heard = 0;
        sigbridge.on(
          args.rt,
          ({ value }) => {
            if (value === 100) process.exit(7);
          },
          { ref: true },
        );
        sigbridge.on(args.rt, ({ value }) => {
          if (value === heard) heard++;
        });
        const channel = sigbridge.notify(args.rt, { capacity: args.count });
        process.on('exit', () => {
          report([heard, channel.pending]);
        });
        report('ready');
        while (!existsSync(args.sent));
      },
      { args: { rt: RT, count, sent: sent.path } },
    );
    await child.next();
    await flood(child.pid, RT, count);
    sent.set();
    expect(await child.next()).toEqual([count, count]);
    expect(await child.exit).toMatchObject({ code: 7, signal: null });
  });
});

describe('a hold that is full', () => {
  test('folds what it has no room for, and counts it', async () => {
    const count = 66_000;
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { until } = require('./within.js') as typeof import('../../support/within');
        const warnings: string[] = [];
        process.on('warning', ({ name }) => warnings.push(name));
        let received = 0;
        let folded = 0;
        let wrong = 0;
        sigbridge.on(args.rt, ({ value, coalesced }) => {
          if (value !== received) wrong++;
          received++;
          folded += coalesced;
        });
        const held = sigbridge.hold([args.rt, 'SIGUSR2']);
        report('ready');
        await until(() => held.counts['SIGRTMIN+6'] === args.count);
        // One signal's flood costs no other its place.
        process.kill(process.pid, 'SIGUSR2');
        const flag = sigbridge.flag('SIGUSR2');
        held.release();
        await until(() => received + folded >= args.count);
        report([received, folded, wrong, flag.count]);
        report(warnings);
        process.exit();
      },
      { args: { rt: RT, count } },
    );
    await child.next();
    await flood(child.pid, RT, count);
    expect(await child.next()).toEqual([65_537, count - 65_537, 0, 1]);
    expect(await child.next()).toEqual(['SignalOverflowWarning']);
  });
});

describe('64 workers at once', () => {
  test('get each event in each way; the end of one takes only its own along', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf } = require('./within.js') as typeof import('../../support/within');
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const threads = Array.from({ length: 64 }, () =>
          startThread(async ({ args, report, next, sigbridge }) => {
            let heard = 0;
            const channel = sigbridge.notify(args.rt, { ref: true });
            const flag = sigbridge.flag('SIGUSR2');
            const signal = sigbridge.abortSignal('SIGHUP');
            sigbridge.on(args.rt, () => heard++);
            const own = sigbridge.hold('SIGALRM');
            report('ready');
            const values: (number | null)[] = [];
            for (let count = 0; count < 10; count++) values.push((await channel.take()).value);
            while (!signal.aborted) await new Promise((resolve) => setImmediate(resolve));
            report([values.join(), heard, flag.count, (signal.reason as Error).message]);
            report([(await channel.take()).value, own.counts['SIGALRM']]);
            await next();
          }, args),
        );
        await Promise.all(threads.map((thread) => thread.next()));
        for (let value = 0; value < 10; value++) sendSelf(sigbridge, args.rt, value);
        process.kill(process.pid, 'SIGUSR2');
        process.kill(process.pid, 'SIGHUP');
        const found = await Promise.all(threads.map((thread) => thread.next()));
        report([...new Set(found.map((one) => JSON.stringify(one)))]);

        await Promise.all(threads.slice(1).map(({ worker }) => worker.terminate()));
        process.kill(process.pid, 'SIGALRM');
        sendSelf(sigbridge, args.rt, 10);
        report(await threads[0]?.next());
        const names = ['SIGUSR2', 'SIGALRM', args.rt];
        report(names.map((name) => sigbridge.inspect(name).disposition));
        const last = sigbridge.flag('SIGALRM');
        await threads[0]?.worker.terminate();
        report(last.count);
        last.close();
        report(names.map((name) => sigbridge.inspect(name).disposition));
      },
      { args: { rt: RT } },
    );
    const all = ['0,1,2,3,4,5,6,7,8,9', 10, 1, 'Aborted by SIGHUP'];
    expect(await child.next()).toEqual([JSON.stringify(all)]);
    expect(await child.next()).toEqual([10, 1]);
    expect(await child.next()).toEqual(['handler', 'handler', 'handler']);
    expect(await child.next()).toBe(1);
    expect(await child.next()).toEqual(['default', 'default', 'default']);
  });
});
