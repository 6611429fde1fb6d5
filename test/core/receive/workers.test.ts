import { describe, expect, test } from '@jest/globals';

import { churn } from '../../support/churn';
import type { RawAction } from '../../support/fixtures';
import { bits, statusMasks, until, untilCaught } from '../../support/kernel';
import { allOf, NUMBERED_SIGNAL as RT, startFlood } from '../../support/numbered';
import { launchers, scenario } from '../../support/scenario';
import type { Tally } from '../../support/tally';

const LAST = 64;

describe('on, in a worker', () => {
  test.each(['never loaded', 'loaded'])(
    'hears signals where the main thread %s sigbridge',
    async (main) => {
      const child = await scenario(
        async ({ args, report, require }) => {
          if (args.main === 'loaded') require('sigbridge');
          const { startThread } = require('./threads.js') as typeof import('../../support/threads');
          const thread = startThread(async ({ report, next, sigbridge }) => {
            const { on, once } = sigbridge;
            on('SIGTERM', ({ signal, code, pid, coalesced }) => {
              report({ signal, code, pid, coalesced });
            });
            void once('SIGHUP').then(({ signal }) => {
              report(signal);
            });
            report('ready');
            await next();
          });
          for (;;) report(await thread.next());
        },
        { args: { main } },
      );
      expect(await child.next()).toBe('ready');
      for (let i = 0; i < 3; i++) {
        child.kill('SIGTERM');
        expect(await child.next()).toEqual({
          signal: 'SIGTERM',
          code: 'SI_USER',
          pid: process.pid,
          coalesced: 0,
        });
      }
      child.kill('SIGHUP');
      expect(await child.next()).toBe('SIGHUP');
    },
  );

  test('hears every number, as every other thread does', async () => {
    const COUNT = 10_000;
    const child = await scenario(
      async ({ args, report, next, require, sigbridge }) => {
        const { tally } = require('./tally.js') as typeof import('../../support/tally');
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const threads = Array.from({ length: 3 }, () =>
          startThread(async ({ args, report, next, require, sigbridge }) => {
            const { tally } = require('./tally.js') as typeof import('../../support/tally');
            const { settled } = tally(sigbridge.on, args.rt, args.count);
            report();
            await next();
            report(await settled());
          }, args),
        );
        for (const thread of threads) await thread.next();
        const { settled } = tally(sigbridge.on, args.rt, args.count);
        report();
        await next();
        for (const thread of threads) thread.tell();
        report([await settled(), ...(await Promise.all(threads.map(({ next }) => next())))]);
      },
      { args: { rt: RT, count: COUNT } },
    );
    await child.next();
    const { pid, result } = startFlood(child.pid, RT, COUNT);
    await result;
    child.tell();
    expect(await child.next<Tally[]>()).toEqual(Array(4).fill(allOf(COUNT, pid)));
  });

  test('does not keep it alive, but hears what came in its last moment', async () => {
    const child = await scenario(async ({ report, require }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const thread = startThread(({ report, sigbridge }) => {
        sigbridge.on('SIGUSR2', ({ signal, code }) => {
          report([signal, code]);
        });
        sigbridge.raise('SIGUSR2');
      });
      report(await thread.next());
      report(await thread.ended);
    });
    expect(await child.next()).toEqual(['SIGUSR2', 'SI_TKILL']);
    expect(await child.next()).toBe(0);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('keeps it alive with ref, until it is closed', async () => {
    const child = await scenario(async ({ report, require }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const thread = startThread(({ report, sigbridge }) => {
        const subscription = sigbridge.on(
          'SIGUSR2',
          () => {
            report('heard');
            subscription.close();
          },
          { ref: true },
        );
        report('ready');
      });
      report(await thread.next());
      report(await thread.next());
      report(await thread.ended);
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGUSR2');
    expect(await child.next()).toBe('heard');
    expect(await child.next()).toBe(0);
    expect(statusMasks(child.pid).caught & bits('SIGUSR2')).toBe(0n);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('whose listener throws ends that worker, and nothing else', async () => {
    const child = await scenario(async ({ report, require, sigbridge }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      sigbridge.on(
        'SIGUSR2',
        ({ signal }) => {
          report(signal);
        },
        { ref: true },
      );
      const thread = startThread(({ report, sigbridge }) => {
        sigbridge.on(
          'SIGUSR2',
          () => {
            throw new RangeError('thrown on purpose');
          },
          { ref: true },
        );
        report();
      });
      thread.worker.once('error', (error) => {
        report(error);
      });
      await thread.next();
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGUSR2');
    const two = [await child.next(), await child.next()];
    expect(two).toContainEqual('SIGUSR2');
    expect(two).toContainEqual({ name: 'RangeError', message: 'thrown on purpose' });
    child.kill('SIGUSR2');
    expect(await child.next()).toBe('SIGUSR2');
  });

  test('hears each signal that can be heard, and leaves all as they were', async () => {
    const child = await scenario(
      async ({ args, report, require, fixture }) => {
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const raw = fixture('raw');
        const all = () => Array.from({ length: args.last }, (_, i) => raw.current(i + 1).handler);
        const before = all();
        const thread = startThread(async ({ report, sigbridge }) => {
          const { inspectAll, on, send } = sigbridge;
          for (const { signal, traits } of inspectAll()) {
            if (!traits.catchable || traits.synchronous) continue;
            const heard = await new Promise<string>((resolve) => {
              const subscription = on(
                signal,
                (event) => {
                  subscription.close();
                  resolve(event.signal);
                },
                // The runtime's own handler for SIGUSR1 would start the debugger.
                { ref: true, chain: 'none' },
              );
              send(process.pid, signal);
            });
            report([signal, heard]);
          }
          report('end');
        });
        const heard: unknown[] = [];
        for (;;) {
          const message = await thread.next();
          if (message === 'end') break;
          heard.push(message);
        }
        await thread.ended;
        report([heard, before, all()]);
      },
      { args: { last: LAST } },
    );
    const [heard, before, after] = await child.next<[[string, string][], string[], string[]]>();
    // All but SIGKILL, SIGSTOP, the five faults and the C library's own two (three with musl).
    expect(heard.length).toBeGreaterThanOrEqual(LAST - 10);
    for (const [signal, name] of heard) expect(name).toBe(signal);
    expect(after).toEqual(before);
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
  });

  test('refuses what it refuses in the main thread, and changes nothing', async () => {
    const child = await scenario(
      async ({ args, report, next, require, fixture }) => {
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const raw = fixture('raw');
        const all = () => Array.from({ length: args.last }, (_, i) => raw.current(i + 1));
        const before = all();
        const thread = startThread(({ report, sigbridge }) => {
          const { on } = sigbridge;
          const nothing = () => undefined;
          const refused = (call: () => unknown) => {
            try {
              call();
              return 'accepted';
            } catch (error) {
              return (error as { code: string }).code;
            }
          };
          report([
            ['SIGKILL', 'SIGSTOP'].map((name) => refused(() => on(name, nothing))),
            ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP'].map((name) =>
              refused(() => on(name, nothing)),
            ),
            ['sigint', 'INT', '', 0, 65, -1, NaN].map((name) => refused(() => on(name, nothing))),
            refused(() => on(32, nothing)),
            refused(() => on(['SIGHUP', 'SIGRTMIN', 'SIGKILL'], nothing)),
            refused(() => on('SIGHUP', null as never)),
            refused(() => on('SIGHUP', nothing, { chain: 'both' as never })),
          ]);
        });
        report([await thread.next(), before, all()]);
        await next();
      },
      { args: { last: LAST } },
    );
    const [codes, before, after] = await child.next<[unknown[], RawAction[], RawAction[]]>();
    expect(codes).toEqual([
      Array(2).fill('ERR_UNCATCHABLE'),
      Array(5).fill('ERR_SYNCHRONOUS_SIGNAL'),
      Array(7).fill('ERR_UNKNOWN_SIGNAL'),
      'ERR_RESERVED_SIGNAL',
      'ERR_UNCATCHABLE',
      'ERR_INVALID_ARG',
      'ERR_INVALID_ARG',
    ]);
    expect(after).toEqual(before);
  });
});

describe('the end of a worker', () => {
  test('by terminate, in a stream of numbers, costs the main thread nothing', async () => {
    const ROUNDS = 5;
    const { before, after, sent, tally } = await churn(ROUNDS);
    expect(sent).toBeGreaterThan(1000);
    const { inversions } = tally;
    expect(tally).toEqual({ ...allOf(sent, process.pid), inversions });
    // A thread that is born in a flood may take its first signal before it can be told not to.
    expect(inversions).toBeLessThanOrEqual(ROUNDS + 1);
    expect(before.rings).toBe(1);
    expect(after).toEqual(before);
  });

  test('by process.exit() in a listener leaves the others listening', async () => {
    const child = await scenario(async ({ report, require, sigbridge }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const threads = [7, 8].map((code) =>
        startThread(({ args, report, sigbridge }) => {
          sigbridge.on('SIGUSR2', () => process.exit(args), { ref: true });
          report();
        }, code),
      );
      for (const thread of threads) await thread.next();
      sigbridge.on(
        'SIGUSR2',
        ({ signal }) => {
          report(signal);
        },
        { ref: true },
      );
      report('ready');
      report(await Promise.all(threads.map(({ ended }) => ended)));
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGUSR2');
    const two = [await child.next(), await child.next()];
    expect(two).toContainEqual('SIGUSR2');
    expect(two).toContainEqual([7, 8]);
    child.kill('SIGUSR2');
    expect(await child.next()).toBe('SIGUSR2');
  });

  test.each(['by itself', 'by process.exit()', 'by an error'])(
    'of the whole process %s, with workers that listen, is as usual',
    async (how) => {
      const child = await scenario(
        async ({ args, report, next, require, sigbridge }) => {
          const { startThread } = require('./threads.js') as typeof import('../../support/threads');
          // All at once: their first subscriptions meet.
          const threads = Array.from({ length: 3 }, () =>
            startThread(({ args, report, sigbridge }) => {
              sigbridge.on([args.rt, 'SIGUSR2'], () => undefined, { ref: true });
              report();
            }, args),
          );
          for (const thread of threads) await thread.next();
          for (const { worker } of threads) worker.unref();
          sigbridge.on([args.rt, 'SIGUSR2'], () => undefined);
          report('ready');
          await next();
          if (args.how === 'by process.exit()') process.exit(0);
          if (args.how === 'by an error') throw new Error('on purpose');
        },
        { args: { rt: RT, how }, launcher: launchers.status },
      );
      await child.next();
      await startFlood(child.pid, RT, 20_000).result;
      child.tell();
      expect(await child.exit).toMatchObject({ code: how === 'by an error' ? 1 : 0, signal: null });
    },
  );
});

describe('the last subscription, in a worker', () => {
  const SIGHUP = 1;

  test.each([
    ['close', 'the default', SIGHUP],
    ['end', 'the default', RT],
    ['close', 'an ignored signal', SIGHUP],
    ['end', 'an ignored signal', SIGHUP],
    ['end', 'an ignored signal', RT],
    ['close', 'a C handler', SIGHUP],
    ['end', 'a C handler', SIGHUP],
    ['end', 'a C handler', RT],
  ])('puts back at its %s what stood before: %s, %i', async (how, what, signal) => {
    const child = await scenario(
      async ({ args, report, require, fixture }) => {
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const raw = fixture('raw');
        const foreign = fixture('foreign_a');
        if (args.what === 'an ignored signal') raw.ignoreSignal(args.signal);
        if (args.what === 'a C handler') {
          foreign.install(args.signal, { siginfo: true, mask: [10, 12], flags: 0x10000000 });
        }
        const before = raw.current(args.signal);
        const threads = [1, 2].map(() =>
          startThread(async ({ args, report, next, sigbridge }) => {
            const subscription = sigbridge.on(args.signal, ({ signal }) => {
              report(signal);
            });
            report('ready');
            await next();
            if (args.how === 'close') {
              subscription.close();
              report('closed');
              await next();
            }
          }, args),
        );
        for (const thread of threads) await thread.next();
        const during = raw.current(args.signal);
        process.kill(process.pid, args.signal);
        const heard = [];
        for (const thread of threads) {
          heard.push(await thread.next());
          thread.tell();
          await (args.how === 'close' ? thread.next() : thread.ended);
        }
        const calls = args.what === 'a C handler' ? foreign.read(args.signal).calls : 0;
        report({ before, during, heard, after: raw.current(args.signal), calls });
        process.exit();
      },
      { args: { signal, how, what } },
    );
    const { before, during, after, heard, calls } = await child.next<
      Record<'before' | 'during' | 'after', RawAction> & { heard: string[]; calls: number }
    >();
    const SA_RESTORER = 0x04000000;
    const plain = ({ handler, flags, mask }: RawAction) => ({
      handler,
      mask,
      flags: flags & ~SA_RESTORER,
    });
    expect(during.handler).not.toBe(before.handler);
    expect(heard).toEqual(Array(2).fill(signal === RT ? 'SIGRTMIN+6' : 'SIGHUP'));
    expect(calls).toBe(what === 'a C handler' ? 1 : 0);
    expect(plain(after)).toEqual(plain(before));
  });

  test.each([
    ['before', 'not loaded'],
    ['before', 'loaded'],
    ['afterwards', 'not loaded'],
    ['afterwards', 'loaded'],
  ])(
    'leaves a process.on of the main thread at work, added %s, sigbridge %s there',
    async (when, loaded) => {
      const child = await scenario(
        async ({ args, report, next, require, fixture }) => {
          const { startThread } = require('./threads.js') as typeof import('../../support/threads');
          const raw = fixture('raw');
          if (args.loaded === 'loaded') require('sigbridge');
          let heard = 0;
          const listen = () => process.on('SIGHUP', () => heard++);
          process.on('SIGUSR2', () => undefined);
          const libuvs = raw.current(12);
          if (args.when === 'before') listen();
          const thread = startThread(async ({ report, next, sigbridge }) => {
            sigbridge.on('SIGHUP', () => {
              report('heard');
            });
            report('ready');
            await next();
          });
          await thread.next();
          if (args.when === 'afterwards') listen();
          process.kill(process.pid, 'SIGHUP');
          await thread.next();
          while (heard < 1) await new Promise(setImmediate);
          thread.tell();
          await thread.ended;
          const same = JSON.stringify(raw.current(1), String) === JSON.stringify(libuvs, String);
          process.kill(process.pid, 'SIGHUP');
          while (heard < 2) await new Promise(setImmediate);
          for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
          process.removeAllListeners('SIGHUP');
          report([heard, same, raw.current(1).handler]);
          await next();
        },
        { args: { when, loaded } },
      );
      expect(await child.next()).toEqual([2, true, '0x0']);
    },
  );

  test('leaves the default where process.on came and went meanwhile', async () => {
    const child = await scenario(async ({ report, next, require }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const thread = startThread(async ({ report, next, sigbridge }) => {
        sigbridge.on('SIGHUP', () => undefined);
        report();
        await next();
      });
      await thread.next();
      for (let i = 0; i < 3; i++) {
        const listener = () => undefined;
        process.on('SIGHUP', listener);
        process.off('SIGHUP', listener);
      }
      report();
      await next();
      thread.tell();
      await thread.ended;
      report();
      await next();
    });
    await child.next();
    await untilCaught(child.pid, 'SIGHUP');
    child.tell();
    await child.next();
    await until(
      () => (statusMasks(child.pid).caught & bits('SIGHUP')) === 0n,
      'the default disposition',
    );
    child.kill('SIGHUP');
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGHUP' });
  });
});
