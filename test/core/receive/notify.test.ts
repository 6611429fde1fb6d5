import { describe, expect, test } from '@jest/globals';

import { flood } from '../../support/fixtures';
import { bits, statusMasks } from '../../support/kernel';
import { mark } from '../../support/numbered';
import { scenario } from '../../support/scenario';

const RT = 37;

describe('a channel', () => {
  test('gives each event to one taker, in order, and lets takers wait', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const channel = sigbridge.notify([args.rt, 'SIGHUP']);
        const waiting = [channel.take(), channel.take()];
        for (const value of [1, 2, 3, 4]) sendSelf(sigbridge, args.rt, value);
        report((await Promise.all(waiting)).map(({ value }) => value));
        await until(() => channel.pending === 2);
        const { signal, number, value, pid } = await channel.take();
        report([channel.signals, channel.pending, channel.dropped, channel.closed]);
        report([signal, number, value, pid === process.pid]);
        process.kill(process.pid, 'SIGHUP');
        report([(await channel.take()).value, (await channel.take()).signal]);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([1, 2]);
    expect(await child.next()).toEqual([['SIGRTMIN+3', 'SIGHUP'], 1, 0, false]);
    expect(await child.next()).toEqual(['SIGRTMIN+3', RT, 3, true]);
    expect(await child.next()).toEqual([4, 'SIGHUP']);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('is iterated, and close() ends the iteration behind what waits', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const channel = sigbridge.notify(args.rt);
        for (const value of [1, 2, 3]) sendSelf(sigbridge, args.rt, value);
        await until(() => channel.pending === 3);
        const values: (number | null)[] = [];
        for await (const { value } of channel) {
          values.push(value);
          if (value === 1) channel.close();
        }
        report([values, channel.closed, sigbridge.inspect(args.rt).disposition]);
        for await (const event of channel) report(event);
        await channel.take().catch(report);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([[1, 2, 3], true, 'default']);
    expect(await child.next()).toMatchObject({ name: 'SignalError', code: 'ERR_CLOSED' });
  });

  test('that is closed ends a for await that waits, and rejects what takers wait for', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      const channel = sigbridge.notify('SIGHUP');
      const takers = [channel.take(), channel.take()];
      const loop = (async () => {
        let turns = 0;
        for await (const event of channel) turns += event.number;
        return turns;
      })();
      await new Promise((resolve) => setImmediate(resolve));
      channel.close();
      channel.close();
      const taken = await Promise.allSettled(takers);
      report(taken.map((result) => result.status === 'rejected' && (result.reason as unknown)));
      report([await loop, sigbridge.inspect('SIGHUP').disposition]);
    });
    expect(await child.next()).toMatchObject([{ code: 'ERR_CLOSED' }, { code: 'ERR_CLOSED' }]);
    expect(await child.next()).toEqual([0, 'default']);
  });

  test.each(['break', 'return', 'throw'])('is closed by %s out of its iteration', async (how) => {
    const child = await scenario(
      async ({ sigbridge, report, args }) => {
        const channel = sigbridge.notify('SIGHUP');
        const loop = async (): Promise<void> => {
          for await (const event of channel) {
            if (args.how === 'return') return;
            if (args.how === 'throw') throw new RangeError(event.signal);
            break;
          }
        };
        process.kill(process.pid, 'SIGHUP');
        await loop().catch(report);
        report([channel.closed, sigbridge.inspect('SIGHUP').disposition]);
      },
      { args: { how } },
    );
    if (how === 'throw') {
      expect(await child.next()).toMatchObject({ name: 'RangeError', message: 'SIGHUP' });
    }
    expect(await child.next()).toEqual([true, 'default']);
  });

  test('is closed by Symbol.dispose', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const channel = sigbridge.notify('SIGHUP');
      channel[Symbol.dispose]();
      report([channel.closed, sigbridge.inspect('SIGHUP').disposition]);
    });
    expect(await child.next()).toEqual([true, 'default']);
  });

  test('keeps the oldest when it is full, and counts each that it dropped', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const small = sigbridge.notify(args.rt, { capacity: 3 });
        const standard = sigbridge.notify(args.rt);
        const all: (number | null)[] = [];
        sigbridge.on(args.rt, ({ value }) => all.push(value));
        for (let value = 0; value < 70; value++) sendSelf(sigbridge, args.rt, value);
        await until(() => all.length === 70);
        report([small.pending, small.dropped, standard.pending, standard.dropped]);
        const taken = [await small.take(), await small.take(), await small.take()];
        sendSelf(sigbridge, args.rt, 70);
        report([taken.map(({ value }) => value), (await small.take()).value, small.dropped]);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([3, 67, 64, 6]);
    expect(await child.next()).toEqual([[0, 1, 2], 70, 67]);
  });

  test('counts what was folded into an event that it dropped', async () => {
    // More than a blocked event loop has room for.
    const total = 66_000;
    const sent = mark();
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { existsSync } = require('node:fs') as typeof import('node:fs');
        const { until } = require('./within.js') as typeof import('../../support/within');
        const channel = sigbridge.notify(args.rt, { capacity: 100 });
        let folded = 0;
        sigbridge.on(args.rt, ({ coalesced }) => (folded += coalesced));
        report('ready');
        while (!existsSync(args.sent));
        await until(() => channel.pending + channel.dropped >= args.total);
        report([folded > 0, channel.pending, channel.dropped]);
        process.exit();
      },
      { args: { rt: RT, total, sent: sent.path }, nodeArgs: ['--no-warnings'] },
    );
    await child.next();
    expect(await flood(child.pid, RT, total)).toMatchObject({ sent: total });
    sent.set();
    expect(await child.next()).toEqual([true, 100, total - 100]);
  });

  test('one of several on a signal gets all, whatever the others do', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const channels = [1, 2, 3].map(() => sigbridge.notify(args.rt, { capacity: 10 }));
        const [first, second, third] = channels;
        sendSelf(sigbridge, args.rt, 1);
        await until(() => channels.every(({ pending }) => pending === 1));
        first?.close();
        sendSelf(sigbridge, args.rt, 2);
        await until(() => second?.pending === 2 && third?.pending === 2);
        report(channels.map(({ pending }) => pending));
        second?.close();
        third?.close();
        report(sigbridge.inspect(args.rt).disposition);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([1, 2, 2]);
    expect(await child.next()).toBe('default');
  });

  test('keeps the process alive with ref alone, until it is closed', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      sigbridge.notify('SIGHUP');
      const channel = sigbridge.notify(['SIGUSR2', 'SIGALRM'], { ref: true });
      report('waits');
      const { signal } = await channel.take();
      report(signal);
      channel.close();
    });
    expect(await child.next()).toBe('waits');
    expect(statusMasks(child.pid).caught & bits('SIGHUP', 'SIGUSR2')).not.toBe(0n);
    child.kill('SIGUSR2');
    expect(await child.next()).toBe('SIGUSR2');
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
  });

  test('takes what a flood brings, and more in between, without loss', async () => {
    const total = 5000;
    const child = await scenario(
      async ({ sigbridge, report, args }) => {
        const channel = sigbridge.notify(args.rt, { capacity: 100_000, ref: true });
        report('ready');
        let wrong = 0;
        for (let number = 0; number < args.total; number++) {
          const { value } = await channel.take();
          if (value !== number) wrong++;
          // A consumer that is slower than what comes.
          if (number % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        report([wrong, channel.pending, channel.dropped]);
        channel.close();
      },
      { args: { rt: RT, total } },
    );
    await child.next();
    await flood(child.pid, RT, total);
    expect(await child.next()).toEqual([0, 0, 0]);
  });

  test('that is garbage-collected gives its signal back, with one warning', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require }) => {
        const { until } = require('./within.js') as typeof import('../../support/within');
        const warnings: string[] = [];
        process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
        const disposition = (signal: string) => sigbridge.inspect(signal).disposition;
        const forget = (signal: string): void => {
          sigbridge.notify(signal);
        };
        const iterated = (async () => {
          for await (const event of sigbridge.notify('SIGALRM')) return event.signal;
          return null;
        })();
        forget('SIGHUP');
        await until(() => (globalThis.gc?.(), disposition('SIGHUP') === 'default'));
        forget('SIGUSR2');
        await until(() => (globalThis.gc?.(), disposition('SIGUSR2') === 'default'));
        const closed = sigbridge.notify('SIGQUIT');
        closed.close();
        // One that somebody waits for is not a forgotten one.
        report([warnings, disposition('SIGALRM')]);
        process.kill(process.pid, 'SIGALRM');
        report(await iterated);
      },
      { nodeArgs: ['--expose-gc'] },
    );
    const warning = /^SignalLeakWarning: A channel for SIGHUP was garbage-collected/;
    expect(await child.next()).toEqual([[expect.stringMatching(warning)], 'handler']);
    expect(await child.next()).toBe('SIGALRM');
  });

  test('with bad arguments is refused, and changes nothing', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const { codesOf, stateOf } = require('./within.js') as typeof import('../../support/within');
      const before = stateOf(sigbridge);
      const attempts = [
        ...['SIGKILL', ['SIGHUP', 'SIGSTOP'], 'SIGBUS', [], 'HUP', 32, {}].map(
          (signals) => () => sigbridge.notify(signals as 'SIGHUP'),
        ),
        ...[0, -1, 1.5, NaN, Infinity, '5', 2 ** 53].map(
          (capacity) => () => sigbridge.notify('SIGHUP', { capacity: capacity as number }),
        ),
        () => sigbridge.notify('SIGHUP', { ref: 1 as never }),
        () => sigbridge.notify('SIGHUP', 64 as never),
      ];
      report([codesOf(attempts), before === stateOf(sigbridge)]);
    });
    const codes = [
      'ERR_UNCATCHABLE',
      'ERR_UNCATCHABLE',
      'ERR_SYNCHRONOUS_SIGNAL',
      'ERR_INVALID_ARG',
      'ERR_UNKNOWN_SIGNAL',
      'ERR_RESERVED_SIGNAL',
      'ERR_INVALID_ARG',
    ];
    expect(await child.next()).toEqual([
      [...codes, ...Array<string>(9).fill('ERR_INVALID_ARG')],
      true,
    ]);
  });
});

describe('in worker threads', () => {
  test('each channel gets each event, and goes with its worker alone', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf } = require('./within.js') as typeof import('../../support/within');
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const threads = [1, 2].map(() =>
          startThread(async ({ args, report, next, sigbridge }) => {
            const channel = sigbridge.notify(args.rt, { ref: true });
            report('ready');
            const events = [await channel.take(), await channel.take()];
            report(events.map(({ value }) => value));
            await next();
          }, args),
        );
        for (const thread of threads) await thread.next();
        const own = sigbridge.notify(args.rt);
        for (const value of [1, 2]) sendSelf(sigbridge, args.rt, value);
        for (const thread of threads) report(await thread.next());
        await threads[0]?.worker.terminate();
        sendSelf(sigbridge, args.rt, 3);
        for (let count = 0; count < 2; count++) await own.take();
        report((await own.take()).value);
        own.close();
        report(sigbridge.inspect(args.rt).disposition);
        await threads[1]?.worker.terminate();
        report(sigbridge.inspect(args.rt).disposition);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([1, 2]);
    expect(await child.next()).toEqual([1, 2]);
    expect(await child.next()).toBe(3);
    expect(await child.next()).toBe('handler');
    expect(await child.next()).toBe('default');
  });
});
