import { describe, expect, test } from '@jest/globals';

import { flood } from '../../support/fixtures';
import { bits, statusMasks } from '../../support/kernel';
import { onTerminal } from '../../support/pty';
import { launchers, scenario, scenarioCommand } from '../../support/scenario';

const RT = 37;
const RT_NAME = 'SIGRTMIN+3';

describe('a batch, before its commit', () => {
  test('changes nothing', async () => {
    const child = await scenario(
      async ({ sigbridge, report, next, require, args }) => {
        const { stateOf } = require('./within.js') as typeof import('../../support/within');
        const before = stateOf(sigbridge);
        const batch = sigbridge.prepare();
        batch.on(['SIGHUP', args.rt], () => undefined);
        batch.ignore('SIGUSR2');
        batch.reset('SIGINT');
        report(before === stateOf(sigbridge));
        await next();
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toBe(true);
    expect(statusMasks(child.pid).caught & bits('SIGHUP', RT)).toBe(0n);
    expect(statusMasks(child.pid).ignored & bits('SIGUSR2')).toBe(0n);
    child.kill('SIGHUP');
    expect(await child.exit).toMatchObject({ signal: 'SIGHUP' });
  });

  test('refuses what could not be done, and stays usable', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const { codesOf } = require('./within.js') as typeof import('../../support/within');
      const batch = sigbridge.prepare();
      const listener = (): void => undefined;
      batch.on('SIGHUP', listener);
      const codes = codesOf([
        () => batch.on('SIGKILL', listener),
        () => batch.on('SIGSEGV', listener),
        () => batch.on('SIGNO', listener),
        () => batch.on([], listener),
        () => batch.on('SIGUSR2', 1 as never),
        () => batch.on('SIGUSR2', listener, { chain: 'all' as never }),
        () => {
          batch.ignore('SIGSTOP');
        },
        () => {
          batch.reset('SIGCHLD');
        },
        () => {
          batch.ignore('SIGHUP');
        },
        () => {
          batch.reset('SIGUSR2', { force: 1 as never });
        },
      ]);
      const changes = batch.commit();
      report([codes, changes.map(({ signal, before, after }) => [signal, before, after])]);
    });
    const [codes, changes] = await child.next<[string[], unknown]>();
    expect(codes).toEqual([
      'ERR_UNCATCHABLE',
      'ERR_SYNCHRONOUS_SIGNAL',
      'ERR_UNKNOWN_SIGNAL',
      'ERR_INVALID_ARG',
      'ERR_INVALID_ARG',
      'ERR_INVALID_ARG',
      'ERR_UNCATCHABLE',
      'ERR_RUNTIME_SIGNAL',
      'ERR_INVALID_ARG',
      'ERR_INVALID_ARG',
    ]);
    expect(changes).toEqual([['SIGHUP', 'default', 'handler']]);
  });

  test('that has one plan for a signal takes no other', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const batch = sigbridge.prepare();
      batch.ignore('SIGHUP');
      try {
        batch.on(['SIGUSR2', 'SIGHUP'], () => undefined);
      } catch (error) {
        report(error);
      }
      report(batch.commit().map(({ signal }) => signal));
    });
    const error = await child.next<Error>();
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG' });
    expect(error.message).toContain("'SIGHUP'");
    expect(await child.next()).toEqual(['SIGHUP']);
  });

  test('is forgotten by abort()', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const { codesOf, stateOf } = require('./within.js') as typeof import('../../support/within');
      const before = stateOf(sigbridge);
      const batch = sigbridge.prepare();
      const subscription = batch.on('SIGHUP', () => undefined);
      batch.ignore('SIGUSR2');
      batch.abort();
      batch.abort();
      const codes = codesOf([
        () => batch.commit(),
        () => batch.on('SIGHUP', () => undefined),
        () => {
          batch.ignore('SIGUSR2');
        },
        () => {
          batch.reset('SIGUSR2');
        },
      ]);
      report([codes, subscription.closed, before === stateOf(sigbridge)]);
    });
    expect(await child.next()).toEqual([Array(4).fill('ERR_CLOSED'), true, true]);
  });
});

describe('a commit', () => {
  test('makes all of it live, says what it changed, and closes the batch', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { codesOf, until } = require('./within.js') as typeof import('../../support/within');
      sigbridge.ignore('SIGUSR2');
      const heard: string[] = [];
      const batch = sigbridge.prepare();
      const signals = ['SIGHUP', 'SIGUSR2', 'SIGINT'];
      const subscription = batch.on(signals, ({ signal }) => heard.push(signal));
      batch.ignore('SIGTERM');
      batch.reset('SIGALRM');
      const changes = batch.commit();
      report(changes.map(({ signal, before, after, changed }) => [signal, before, after, changed]));
      report(codesOf([() => batch.commit()]));
      await until(() => heard.length === 2);
      report(heard);
      subscription.close();
      report(['SIGHUP', 'SIGUSR2'].map((signal) => sigbridge.inspect(signal).disposition));
    });
    expect(await child.next()).toEqual([
      ['SIGHUP', 'default', 'handler', true],
      ['SIGUSR2', 'ignore', 'handler', true],
      ['SIGINT', 'handler', 'handler', false],
      ['SIGTERM', 'handler', 'ignore', true],
      ['SIGALRM', 'default', 'default', false],
    ]);
    expect(await child.next()).toEqual(['ERR_CLOSED']);
    expect(statusMasks(child.pid).ignored & bits('SIGTERM')).toBe(bits('SIGTERM'));
    child.kill('SIGTERM');
    child.kill('SIGHUP');
    child.kill('SIGUSR2');
    expect((await child.next<string[]>()).sort()).toEqual(['SIGHUP', 'SIGUSR2']);
    expect(await child.next()).toEqual(['default', 'ignore']);
  });

  test('keeps what arrives in the midst of it, on every thread', async () => {
    const child = await scenario(
      async ({ sigbridge, report, fixture, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const raw = fixture('raw');
        // One of Node's own threads waits for SIGUSR1 with everything blocked.
        const threads = sigbridge
          .readProcess()
          .threads.filter(({ blocked }) => !blocked.includes('SIGHUP'))
          .map(({ tid }) => tid);
        // Called between the opening of the first subscription and that of the second.
        const midst = new AbortController().signal;
        midst.addEventListener = () => {
          for (const thread of threads) raw.sendThread(thread, 1);
          for (const thread of threads) raw.sendThread(thread, 12);
          for (const value of [0, 1, 2]) sendSelf(sigbridge, args.rt, value);
        };
        const counts = { SIGHUP: 0, SIGUSR2: 0 };
        const values: (number | null)[] = [];
        let committed = false;
        let early = 0;
        const count = (event: { signal: string }): void => {
          counts[event.signal as 'SIGHUP']++;
          if (!committed) early++;
        };
        const batch = sigbridge.prepare();
        batch.on('SIGHUP', count, { signal: midst });
        batch.on('SIGUSR2', count);
        batch.on(args.rt, ({ value }) => values.push(value));
        batch.commit();
        committed = true;
        const { length } = threads;
        await until(() => counts.SIGHUP >= length && counts.SIGUSR2 >= length);
        await until(() => values.length >= 3);
        report([threads.length, counts, values, early]);
      },
      { args: { rt: RT } },
    );
    const [threads, ...heard] = await child.next<[number, unknown]>();
    expect(threads).toBeGreaterThan(4);
    expect(heard).toEqual([{ SIGHUP: threads, SIGUSR2: threads }, [0, 1, 2], 0]);
  });

  test('that fails half-way puts all back, and deals with what arrived as before', async () => {
    const child = await scenario(
      async ({ sigbridge, report, fixture, require, args }) => {
        const { codesOf, stateOf, until } =
          require('./within.js') as typeof import('../../support/within');
        const foreign = fixture('foreign_a');
        foreign.install(args.rt, { siginfo: true });
        sigbridge.ignore('SIGHUP');
        let heard = 0;
        process.on('SIGUSR2', () => heard++);
        const before = stateOf(sigbridge);
        const failing = new AbortController().signal;
        failing.addEventListener = () => {
          for (const signal of ['SIGUSR2', 'SIGHUP', args.rt]) {
            sigbridge.send(process.pid, signal);
          }
          throw new RangeError('half-way');
        };
        const batch = sigbridge.prepare();
        let mistaken = 0;
        const subscriptions = [
          batch.on(['SIGUSR2', args.rt], () => mistaken++),
          batch.on('SIGHUP', () => mistaken++, { signal: failing }),
          batch.on('SIGALRM', () => mistaken++),
        ];
        batch.ignore('SIGQUIT');
        try {
          batch.commit();
        } catch (error) {
          report(error);
        }
        report(subscriptions.map(({ closed }) => closed));
        await until(() => heard > 0);
        // What is given back to libuv is settled a turn later.
        await until(() => before === stateOf(sigbridge));
        report([heard, mistaken, foreign.read(args.rt).calls]);
        report(codesOf([() => batch.commit()]));
        process.exit();
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toMatchObject({ name: 'RangeError', message: 'half-way' });
    expect(await child.next()).toEqual([true, true, true]);
    expect(await child.next()).toEqual([1, 0, 1]);
    expect(await child.next()).toEqual(['ERR_CLOSED']);
  });

  test('that fails half-way ends the process by a signal that would have ended it', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const failing = new AbortController().signal;
      failing.addEventListener = () => {
        sigbridge.send(process.pid, 'SIGUSR2');
        report('sent');
        throw new Error('half-way');
      };
      const batch = sigbridge.prepare();
      batch.on('SIGHUP', () => undefined, { signal: failing });
      batch.on('SIGUSR2', () => undefined);
      try {
        batch.commit();
      } catch {
        setTimeout(() => undefined, 1e6);
      }
    });
    expect(await child.next()).toBe('sent');
    expect(await child.exit).toMatchObject({ signal: 'SIGUSR2' });
  });

  test('refuses a change of a signal that has got listeners since it was planned', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { until } = require('./within.js') as typeof import('../../support/within');
      const batch = sigbridge.prepare();
      const subscription = batch.on('SIGHUP', () => undefined);
      batch.ignore('SIGTERM');
      batch.reset('SIGUSR2');
      let heard = 0;
      process.on('SIGUSR2', () => heard++);
      try {
        batch.commit();
      } catch (error) {
        report(error);
      }
      report([
        subscription.closed,
        sigbridge.inspect('SIGHUP').disposition,
        sigbridge.inspect('SIGTERM').disposition,
      ]);
      process.kill(process.pid, 'SIGUSR2');
      await until(() => heard === 1);
      report(heard);
      process.exit();
    });
    const error = await child.next<Error>();
    expect(error).toMatchObject({ code: 'ERR_RUNTIME_SIGNAL' });
    expect(error.message).toContain('process.on');
    expect(await child.next()).toEqual([true, 'default', 'handler']);
    expect(await child.next()).toBe(1);
  });

  test('leaves out what was closed, or aborted, before', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const batch = sigbridge.prepare();
      const controller = new AbortController();
      const listener = (): void => undefined;
      const closed = batch.on('SIGHUP', listener);
      const aborted = batch.on('SIGUSR2', listener, { signal: controller.signal });
      const live = batch.on('SIGALRM', listener);
      closed.close();
      controller.abort();
      const changes = batch.commit();
      report([closed.closed, aborted.closed, live.closed]);
      report(changes.map(({ signal, changed }) => [signal, changed]));
      report(['SIGHUP', 'SIGUSR2', 'SIGALRM'].map((name) => sigbridge.inspect(name).disposition));
    });
    expect(await child.next()).toEqual([true, true, false]);
    expect(await child.next()).toEqual([
      ['SIGHUP', false],
      ['SIGUSR2', false],
      ['SIGALRM', true],
    ]);
    expect(await child.next()).toEqual(['default', 'default', 'handler']);
  });

  test('in a worker, takes effect for the process', async () => {
    const child = await scenario(
      async ({ report, require, args }) => {
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const thread = startThread(({ args, report, sigbridge }) => {
          const batch = sigbridge.prepare();
          const got: string[] = [];
          const listener = ({ signal }: { signal: string }): void => {
            if (got.push(signal) === 2) report(got);
          };
          batch.on(['SIGHUP', args.rt], listener, { ref: true });
          batch.ignore('SIGTERM');
          report(batch.commit().length);
        }, args);
        report(await thread.next());
        report(await thread.next());
        process.exit();
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toBe(3);
    expect(statusMasks(child.pid).ignored & bits('SIGTERM')).toBe(bits('SIGTERM'));
    child.kill('SIGTERM');
    child.kill('SIGHUP');
    child.kill(RT);
    expect((await child.next<string[]>()).sort()).toEqual(['SIGHUP', RT_NAME]);
  });

  test('a thousand times under a flood loses nothing, and is never seen half-done', async () => {
    const total = 4000;
    const child = await scenario(
      async ({ sigbridge, report, args }) => {
        // One listener stays all the time; those of the batches come and go beside it.
        const all: (number | null)[] = [];
        sigbridge.on(args.rt, ({ value }) => all.push(value), { ref: true });
        report('ready');
        let failure: string | null = null;
        let heard = 0;
        for (let cycle = 0; cycle < 1000 || all.length < args.total; cycle++) {
          const runs: (number | null)[][] = [[], []];
          const batch = sigbridge.prepare();
          const subscriptions = runs.map((run) =>
            batch.on([args.rt, 'SIGHUP'], ({ value }) => run.push(value)),
          );
          batch.commit();
          await new Promise((resolve) => setImmediate(resolve));
          for (const subscription of subscriptions) subscription.close();
          // Each has heard the same, without a gap: all that came between commit and close.
          const [one = []] = runs;
          const expected = all.slice(all.length - one.length).join();
          for (const run of runs) {
            if (run.join() !== expected) failure ??= `${run.join()}, not ${expected}`;
          }
          heard += one.length;
        }
        const inOrder = all.every((value, index) => value === index);
        report({ received: all.length, inOrder, failure, heard: heard > 0 });
        process.exit();
      },
      { args: { rt: RT, total } },
    );
    await child.next();
    expect(await flood(child.pid, RT, total)).toMatchObject({ sent: total });
    expect(await child.next()).toEqual({
      received: total,
      inOrder: true,
      failure: null,
      heard: true,
    });
  });
});

describe('a hold', () => {
  test('keeps what arrives, counted and in order, and release() hands it over', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const heard: unknown[] = [];
        sigbridge.on('SIGUSR2', () => heard.push('early'));
        const held = sigbridge.hold(['SIGHUP', 'SIGUSR2', args.rt, 'SIGHUP']);
        const from = process.hrtime.bigint();
        sendSelf(sigbridge, args.rt, 1);
        sigbridge.send(process.pid, 'SIGUSR2');
        sigbridge.send(process.pid, 'SIGHUP');
        sigbridge.send(process.pid, 'SIGHUP');
        sendSelf(sigbridge, args.rt, 2);
        const to = process.hrtime.bigint();
        sigbridge.on(['SIGHUP', args.rt, 'SIGUSR2'], (event) => {
          const atItsTime = event.timestamp >= from && event.timestamp <= to;
          heard.push([event.value ?? event.signal, atItsTime && event.pid === process.pid]);
        });
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        report([held.signals, held.counts, held.closed, heard]);
        held.release();
        held.release();
        held.close();
        report([held.counts, held.closed]);
        await until(() => heard.length >= 6);
        report(heard);
      },
      { args: { rt: RT } },
    );
    const counts = { SIGHUP: 2, SIGUSR2: 1, [RT_NAME]: 2 };
    expect(await child.next()).toEqual([['SIGHUP', 'SIGUSR2', RT_NAME], counts, false, []]);
    expect(await child.next()).toEqual([counts, true]);
    expect(await child.next()).toEqual([
      [1, true],
      'early',
      ['SIGUSR2', true],
      ['SIGHUP', true],
      ['SIGHUP', true],
      [2, true],
    ]);
  });

  test('is released to listeners of every kind, in every thread', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { until } = require('./within.js') as typeof import('../../support/within');
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const held = sigbridge.hold('SIGUSR2');
      process.kill(process.pid, 'SIGUSR2');
      process.kill(process.pid, 'SIGUSR2');
      const thread = startThread(async ({ report, sigbridge }) => {
        const channel = sigbridge.notify('SIGUSR2', { ref: true });
        report('listens');
        await channel.take();
        await channel.take();
        report('two');
      });
      await thread.next();
      let plain = 0;
      process.on('SIGUSR2', () => plain++);
      const channel = sigbridge.notify('SIGUSR2');
      const flag = sigbridge.flag('SIGUSR2');
      const event = sigbridge.once('SIGUSR2');
      report([flag.raised, flag.count, plain]);
      held.release();
      report([flag.raised, flag.count]);
      await until(() => plain === 2 && channel.pending === 2);
      report([(await event).signal, await thread.next()]);
      process.exit();
    });
    expect(await child.next()).toEqual([false, 0, 0]);
    expect(await child.next()).toEqual([true, 2]);
    expect(await child.next()).toEqual(['SIGUSR2', 'two']);
  });

  test('is released to native code that watches through libuv by then', async () => {
    const child = await scenario(async ({ sigbridge, report, fixture, require }) => {
      const { until } = require('./within.js') as typeof import('../../support/within');
      const uvwatch = fixture('uvwatch');
      const held = sigbridge.hold(['SIGUSR2', 'SIGHUP']);
      process.kill(process.pid, 'SIGUSR2');
      process.kill(process.pid, 'SIGHUP');
      uvwatch.startWatch(12);
      uvwatch.startWatch(1);
      sigbridge.on('SIGHUP', () => undefined);
      held.release();
      await until(() => uvwatch.count(12) > 0 && uvwatch.count(1) > 0);
      report([uvwatch.count(12), uvwatch.count(1)]);
      process.exit();
    });
    expect(await child.next()).toEqual([1, 1]);
  });

  test('leaves a C handler that stood before alone: it is called at once, and once', async () => {
    const child = await scenario(
      async ({ sigbridge, report, fixture, next, require, args }) => {
        const { sendSelf } = require('./within.js') as typeof import('../../support/within');
        const foreign = fixture('foreign_a');
        foreign.install(args.rt, { siginfo: true });
        const held = sigbridge.hold(args.rt);
        sendSelf(sigbridge, args.rt, 7);
        sendSelf(sigbridge, args.rt, 8);
        const atOnce = foreign.read(args.rt);
        held.release();
        await next();
        const { calls, installed } = foreign.read(args.rt);
        report([atOnce.calls, atOnce.history.map(({ value }) => value), calls, installed]);
      },
      { args: { rt: RT } },
    );
    child.tell();
    expect(await child.next()).toEqual([2, [7, 8], 2, true]);
  });

  test.each([
    ['SIGHUP', 1],
    ['SIGTERM', 15],
    [RT_NAME, RT],
  ])('with %s kept that nobody wants ends the process by it at release', async (name, number) => {
    const child = await scenario(
      ({ sigbridge, report, args }) => {
        const held = sigbridge.hold(args.name);
        sigbridge.send(process.pid, args.name);
        report(held.counts);
        held.release();
        // The kernel may have given it to another thread.
        setTimeout(() => undefined, 1e6);
      },
      { args: { name }, launcher: launchers.status },
    );
    expect(await child.next()).toEqual({ [name]: 1 });
    expect(await child.exit).toMatchObject({ code: 128 + number });
  });

  test('that nobody wants leaves the terminal to the runtime, which restores it', async () => {
    const [command, ...argv] = scenarioCommand(({ sigbridge, report }) => {
      process.stdin.setRawMode(true);
      const held = sigbridge.hold('SIGTERM');
      process.kill(process.pid, 'SIGTERM');
      report(held.counts);
      held.release();
      setTimeout(() => undefined, 1e6);
    });
    const script = '"$0" "$@"; echo "status $?"; stty -a';
    const terminal = onTerminal(['sh', '-c', script, command, ...argv]);
    await terminal.waitFor(/"SIGTERM":1/);
    await terminal.waitFor(/status 143/);
    await terminal.waitFor(/[^-]icanon/);
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
  });

  test('of ignored signals leaves them ignored', async () => {
    const child = await scenario(
      async ({ sigbridge, report, next, args }) => {
        sigbridge.ignore('SIGHUP');
        sigbridge.ignore(args.rt);
        const held = sigbridge.hold(['SIGHUP', args.rt]);
        sigbridge.send(process.pid, 'SIGHUP');
        sigbridge.send(process.pid, args.rt);
        held.release();
        await next();
        report([held.counts, sigbridge.ignored('SIGHUP'), sigbridge.ignored(args.rt)]);
      },
      { args: { rt: RT } },
    );
    child.tell();
    expect(await child.next()).toEqual([{ SIGHUP: 1, [RT_NAME]: 1 }, true, true]);
  });

  test('leaves everything as it was', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { stateOf, until } = require('./within.js') as typeof import('../../support/within');
        process.on('SIGUSR2', () => undefined);
        sigbridge.ignore('SIGALRM');
        const before = stateOf(sigbridge);
        const held = sigbridge.hold(['SIGHUP', 'SIGTERM', 'SIGALRM', 'SIGUSR2', args.rt]);
        report(before === stateOf(sigbridge));
        held.release();
        await until(() => before === stateOf(sigbridge));
        report(true);
        process.exit();
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toBe(false);
    expect(await child.next()).toBe(true);
  });

  test('that is closed drops what it kept, and counts it', async () => {
    const child = await scenario(
      async ({ sigbridge, report, fixture, require, args }) => {
        const { until } = require('./within.js') as typeof import('../../support/within');
        const heard: string[] = [];
        const uvwatch = fixture('uvwatch');
        process.on('SIGUSR2', () => heard.push('process.on'));
        sigbridge.on(['SIGUSR2', args.rt], () => heard.push('on'));
        uvwatch.startWatch(1);
        const held = sigbridge.hold(['SIGUSR2', 'SIGTERM', 'SIGHUP', args.rt]);
        for (const signal of ['SIGUSR2', 'SIGTERM', 'SIGTERM', 'SIGHUP', args.rt]) {
          sigbridge.send(process.pid, signal);
        }
        held.close();
        report([held.counts, held.closed]);
        // The next one overtakes nothing that was kept.
        process.kill(process.pid, 'SIGUSR2');
        await until(() => heard.length >= 2);
        report([heard.sort(), uvwatch.count(1)]);
        process.exit();
      },
      { args: { rt: RT } },
    );
    const counts = { SIGUSR2: 1, SIGTERM: 2, SIGHUP: 1, [RT_NAME]: 1 };
    expect(await child.next()).toEqual([counts, true]);
    expect(await child.next()).toEqual([['on', 'process.on'], 0]);
  });

  test('within another passes on what it kept; what arrives goes on being kept', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const send = (value: number): void => {
          sendSelf(sigbridge, args.rt, value);
        };
        const values: (number | null)[] = [];
        sigbridge.on(args.rt, ({ value }) => values.push(value));
        const first = sigbridge.hold(args.rt);
        send(1);
        const second = sigbridge.hold([args.rt, 'SIGHUP']);
        send(2);
        const third = sigbridge.hold(args.rt);
        send(3);
        second.release();
        send(4);
        first.release();
        send(5);
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        report([values, first.counts, third.counts]);
        third.release();
        send(6);
        await until(() => values.length >= 6);
        report(values);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([[], { [RT_NAME]: 4 }, { [RT_NAME]: 5 }]);
    expect(await child.next()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('that is closed takes nothing from one that was opened after it', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const values: (number | null)[] = [];
        sigbridge.on(args.rt, ({ value }) => values.push(value));
        const first = sigbridge.hold(args.rt);
        sendSelf(sigbridge, args.rt, 1);
        const second = sigbridge.hold(args.rt);
        sendSelf(sigbridge, args.rt, 2);
        first.close();
        sendSelf(sigbridge, args.rt, 3);
        second.release();
        await until(() => values.includes(3));
        report([values, first.counts, second.counts]);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([[2, 3], { [RT_NAME]: 2 }, { [RT_NAME]: 2 }]);
  });

  test('of SIGCHLD keeps the end of a child back', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { until } = require('./within.js') as typeof import('../../support/within');
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const held = sigbridge.hold('SIGCHLD');
      let ended = false;
      spawn('true').on('exit', () => (ended = true));
      await until(() => held.counts['SIGCHLD'] === 1);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      report(ended);
      held.release();
      await until(() => ended);
      report(ended);
    });
    expect(await child.next()).toBe(false);
    expect(await child.next()).toBe(true);
  });

  test('left at the end of the process is released to who listens', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      sigbridge.on('SIGTERM', ({ signal }) => {
        report(signal);
      });
      sigbridge.hold('SIGTERM');
      process.kill(process.pid, 'SIGTERM');
    });
    expect(await child.next()).toBe('SIGTERM');
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
  });

  test('left at process.exit(), with nobody listening, ends the process by the signal', async () => {
    const child = await scenario(({ sigbridge }) => {
      sigbridge.hold('SIGHUP');
      process.kill(process.pid, 'SIGHUP');
      process.exit(3);
    });
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGHUP' });
  });

  test('that is garbage-collected is released, with a warning for the first', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require }) => {
        const { until } = require('./within.js') as typeof import('../../support/within');
        const warnings: string[] = [];
        process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
        const heard: string[] = [];
        sigbridge.on(['SIGHUP', 'SIGUSR2'], ({ signal }) => heard.push(signal));
        const forget = (signal: NodeJS.Signals): void => {
          sigbridge.hold(signal);
          process.kill(process.pid, signal);
        };
        forget('SIGHUP');
        await until(() => (globalThis.gc?.(), heard.length === 1));
        forget('SIGUSR2');
        await until(() => (globalThis.gc?.(), heard.length === 2));
        report([heard, warnings]);
      },
      { nodeArgs: ['--expose-gc'] },
    );
    const warning = /^SignalLeakWarning: A hold of SIGHUP was garbage-collected/;
    expect(await child.next()).toEqual([['SIGHUP', 'SIGUSR2'], [expect.stringMatching(warning)]]);
  });

  test('with bad arguments is refused, and changes nothing', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const { codesOf, stateOf } = require('./within.js') as typeof import('../../support/within');
      const before = stateOf(sigbridge);
      const bad: unknown[] = ['SIGKILL', ['SIGHUP', 'SIGSTOP'], 'SIGFPE', [], 'TERM', 32, 0, null];
      const codes = codesOf(bad.map((value) => () => sigbridge.hold(value as 'SIGHUP')));
      report([codes, before === stateOf(sigbridge)]);
    });
    expect(await child.next()).toEqual([
      [
        'ERR_UNCATCHABLE',
        'ERR_UNCATCHABLE',
        'ERR_SYNCHRONOUS_SIGNAL',
        'ERR_INVALID_ARG',
        'ERR_UNKNOWN_SIGNAL',
        'ERR_RESERVED_SIGNAL',
        'ERR_UNKNOWN_SIGNAL',
        'ERR_INVALID_ARG',
      ],
      true,
    ]);
  });
});

describe('a hold in a worker', () => {
  test('is released to listeners in the main thread, and leaves no mask behind', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const thread = startThread(async ({ args, report, next, sigbridge, fixture }) => {
          const raw = fixture('raw');
          const before = raw.mask();
          const held = sigbridge.hold(['SIGUSR2', 'SIGHUP', args.rt]);
          report('holds');
          await next();
          held.release();
          report(held.counts);
          await next();
          report(raw.mask() === before);
        }, args);
        await thread.next();
        const heard: unknown[] = [];
        let plain = 0;
        process.on('SIGHUP', () => plain++);
        const subscription = sigbridge.on(['SIGUSR2', args.rt], ({ signal, value }) =>
          heard.push(value ?? signal),
        );
        for (const value of [1, 2]) sendSelf(sigbridge, args.rt, value);
        process.kill(process.pid, 'SIGUSR2');
        process.kill(process.pid, 'SIGHUP');
        thread.tell();
        report(await thread.next());
        await until(() => heard.length === 3 && plain === 1);
        report(heard);
        subscription.close();
        thread.tell();
        report(await thread.next());
        process.exit();
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual({ SIGUSR2: 1, SIGHUP: 1, [RT_NAME]: 2 });
    expect(await child.next()).toEqual([1, 2, 'SIGUSR2']);
    expect(await child.next()).toBe(true);
  });

  test.each([
    ['released', 'SIGHUP', 1],
    ['released', RT_NAME, RT],
    ['left at its end', 'SIGHUP', 1],
    ['left when it is terminated', 'SIGTERM', 15],
  ])('%s with %s kept that nobody wants ends the process', async (how, name, number) => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const thread = startThread(async ({ args, report, next, sigbridge }) => {
          const held = sigbridge.hold(args.name);
          report('holds');
          await next();
          if (args.how !== 'released') process.exit();
          held.release();
          await next();
        }, args);
        await thread.next();
        sigbridge.send(process.pid, args.name);
        report();
        if (args.how === 'left when it is terminated') void thread.worker.terminate();
        else thread.tell();
        setTimeout(() => undefined, 1e6);
      },
      { args: { name, how }, launcher: launchers.status },
    );
    await child.next();
    expect(await child.exit).toMatchObject({ code: 128 + number });
  });

  test('goes with the worker, and takes no other hold along', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const thread = startThread(async ({ args, report, next, sigbridge }) => {
          sigbridge.hold([args.rt, 'SIGHUP']);
          report('holds');
          await next();
        }, args);
        await thread.next();
        const own = sigbridge.hold('SIGHUP');
        const heard: unknown[] = [];
        sigbridge.on(['SIGHUP', args.rt], ({ signal, value }) => heard.push(value ?? signal));
        sendSelf(sigbridge, args.rt, 5);
        process.kill(process.pid, 'SIGHUP');
        await thread.worker.terminate();
        await until(() => heard.length === 1);
        report([[...heard], own.counts]);
        own.release();
        await until(() => heard.length === 2);
        report(heard);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([[5], { SIGHUP: 1 }]);
    expect(await child.next()).toEqual([5, 'SIGHUP']);
  });
});

describe('real-time signals keep their order, under a flood,', () => {
  const total = 10_000;

  test('across holds and releases', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { until } = require('./within.js') as typeof import('../../support/within');
        const values: (number | null)[] = [];
        sigbridge.on(args.rt, ({ value }) => values.push(value), { ref: true });
        const first = sigbridge.hold(args.rt);
        report('ready');
        await until(() => (first.counts[args.name] ?? 0) > 0);
        first.release();
        while (values.length < args.total) {
          const held = sigbridge.hold(args.rt);
          await new Promise((resolve) => setImmediate(resolve));
          held.release();
          await new Promise((resolve) => setImmediate(resolve));
        }
        const wrong = values.filter((value, index) => value !== index).length;
        report({ received: values.length, wrong });
        process.exit();
      },
      { args: { rt: RT, name: RT_NAME, total } },
    );
    await child.next();
    await flood(child.pid, RT, total);
    expect(await child.next()).toEqual({ received: total, wrong: 0 });
  });

  test('across holds and releases in a worker', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { until } = require('./within.js') as typeof import('../../support/within');
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const values: (number | null)[] = [];
        sigbridge.on(args.rt, ({ value }) => values.push(value), { ref: true });
        const thread = startThread(async ({ args, report, next, sigbridge }) => {
          const told = { stop: false };
          void next().then(() => (told.stop = true));
          const first = sigbridge.hold(args.rt);
          report('ready');
          while (first.counts[args.name] === 0) {
            await new Promise((resolve) => setImmediate(resolve));
          }
          first.release();
          while (!told.stop) {
            const held = sigbridge.hold(args.rt);
            await new Promise((resolve) => setImmediate(resolve));
            held.release();
            await new Promise((resolve) => setImmediate(resolve));
          }
          report('ends');
        }, args);
        await thread.next();
        report('ready');
        await until(() => values.length >= args.total);
        thread.tell();
        await thread.next();
        const wrong = values.filter((value, index) => value !== index).length;
        report({ received: values.length, wrong });
        process.exit();
      },
      { args: { rt: RT, name: RT_NAME, total } },
    );
    await child.next();
    await flood(child.pid, RT, total);
    expect(await child.next()).toEqual({ received: total, wrong: 0 });
  });
});
