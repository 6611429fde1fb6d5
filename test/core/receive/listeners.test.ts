import { describe, expect, test } from '@jest/globals';

import { scenario } from '../../support/scenario';

const RT = 37;
const SIGUSR2 = 12;

describe('a listener that throws', () => {
  test('causes uncaughtException once per throw; the others are called', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const seen: string[] = [];
      process.on('uncaughtException', (error, origin) => {
        seen.push(`${error.message} (${origin})`);
      });
      process.on('SIGUSR2', () => seen.push('process.on'));
      sigbridge.on('SIGUSR2', () => seen.push('first'));
      sigbridge.on('SIGUSR2', () => {
        throw new Error('thrown by the second');
      });
      sigbridge.on('SIGUSR2', () => seen.push('third'));
      sigbridge.on('SIGUSR2', () => {
        throw new Error('thrown by the fourth');
      });
      for (let signals = 0; signals < 2; signals++) {
        process.kill(process.pid, 'SIGUSR2');
        await settle();
        report(seen.splice(0).sort());
      }
    });
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
    const each = [
      'first',
      'process.on',
      'third',
      'thrown by the fourth (uncaughtException)',
      'thrown by the second (uncaughtException)',
    ];
    expect(child.reports()).toEqual([each, each]);
  });

  test('ends the process with 1 and its stack where nobody handles that', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      sigbridge.on('SIGUSR2', function thrower() {
        throw new RangeError('nobody catches this');
      });
      sigbridge.on('SIGUSR2', () => {
        report('the other');
      });
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report('not reached');
    });
    const { code, stderr } = await child.exit;
    expect(code).toBe(1);
    expect(stderr).toMatch(/RangeError: nobody catches this\n.*thrower/);
    expect(child.reports()).toEqual(['the other']);
  });

  test('loses no further event of its own or of other signals', async () => {
    const child = await scenario(
      async ({ sigbridge, report, settle, args }) => {
        const seen: (number | null | string)[] = [];
        let errors = 0;
        process.on('uncaughtException', () => errors++);
        sigbridge.on(args.RT, ({ value }) => {
          seen.push(value);
          throw new Error();
        });
        sigbridge.on('SIGHUP', ({ signal }) => seen.push(signal));
        for (let value = 0; value < 5; value++) sigbridge.send(process.pid, args.RT, { value });
        process.kill(process.pid, 'SIGHUP');
        await settle();
        report([seen, errors]);
      },
      { args: { RT } },
    );
    expect(await child.next()).toEqual([[0, 1, 2, 3, 4, 'SIGHUP'], 5]);
  });

  test.each([false, true])(
    'at the very end, too, where process.exit() must not throw it (handled: %s)',
    async (handled) => {
      const child = await scenario(
        ({ sigbridge, report, args }) => {
          if (args.handled) {
            process.on('uncaughtException', ({ message }) => {
              report(message);
            });
          }
          for (const message of ['too late', 'for a turn']) {
            sigbridge.on('SIGUSR2', () => {
              throw new Error(message);
            });
          }
          sigbridge.on('SIGUSR2', () => {
            report('the other');
          });
          process.on('exit', () => {
            report('exit');
          });
          process.kill(process.pid, 'SIGUSR2');
          try {
            process.exit(0);
          } finally {
            report('process.exit() threw');
          }
        },
        { args: { handled } },
      );
      const { code, stderr } = await child.exit;
      expect(code).toBe(handled ? 0 : 1);
      expect(stderr.match(/Error: .*/g)).toEqual(
        handled ? null : ['Error: too late', 'Error: for a turn'],
      );
      expect(child.reports()).toEqual([
        ...(handled ? ['too late', 'for a turn'] : []),
        'the other',
        'exit',
      ]);
    },
  );

  test('so does what a listener puts off to a tick', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      process.on('uncaughtException', ({ message }) => {
        report(message);
      });
      sigbridge.on('SIGUSR2', () => {
        for (const message of ['first', 'second']) {
          process.nextTick(() => {
            throw new Error(message);
          });
        }
      });
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report('settled');
    });
    await child.exit;
    expect(child.reports()).toEqual(['first', 'second', 'settled']);
  });

  test('rejects nothing when it is an async function: that is an unhandledRejection', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      process.on('unhandledRejection', (reason) => {
        report(reason);
      });
      // eslint-disable-next-line @typescript-eslint/no-misused-promises, @typescript-eslint/require-await
      sigbridge.on('SIGUSR2', async () => {
        throw new Error('rejected');
      });
      process.kill(process.pid, 'SIGUSR2');
      await settle();
    });
    expect(await child.next()).toMatchObject({ message: 'rejected' });
  });
});

describe('during delivery', () => {
  test('a listener that closes itself hears no more', async () => {
    const child = await scenario(
      async ({ sigbridge, report, settle, args }) => {
        const heard: unknown[] = [];
        const subscription = sigbridge.on(args.RT, ({ value }) => {
          heard.push(value);
          if (value === 1) subscription.close();
        });
        sigbridge.on(args.RT, () => undefined);
        for (let value = 0; value < 4; value++) sigbridge.send(process.pid, args.RT, { value });
        await settle();
        report([heard, subscription.closed]);
      },
      { args: { RT } },
    );
    expect(await child.next()).toEqual([[0, 1], true]);
  });

  test('one that closes a later one keeps it from hearing the same event', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: string[] = [];
      sigbridge.on('SIGUSR2', () => {
        heard.push('first');
        third.close();
      });
      sigbridge.on('SIGUSR2', () => heard.push('second'));
      const third = sigbridge.on('SIGUSR2', () => heard.push('third'));
      sigbridge.on('SIGUSR2', () => heard.push('fourth'));
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(heard);
    });
    expect(await child.next()).toEqual(['first', 'second', 'fourth']);
  });

  test('one that closes all of them leaves the disposition of before', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const all = [1, 2, 3].map((number) =>
        sigbridge.on(['SIGUSR2', 'SIGHUP'], () => {
          report(number);
          for (const subscription of all) subscription.close();
          report(sigbridge.inspect('SIGUSR2').disposition);
        }),
      );
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(['SIGUSR2', 'SIGHUP'].map((name) => sigbridge.inspect(name).disposition));
    });
    await child.exit;
    expect(child.reports()).toEqual([1, 'default', ['default', 'default']]);
  });

  test('one that is added hears from the next event on', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: string[] = [];
      let added = false;
      sigbridge.on('SIGUSR2', () => {
        heard.push('first');
        if (!added) sigbridge.on('SIGUSR2', () => heard.push('added'));
        added = true;
      });
      for (let signals = 0; signals < 2; signals++) {
        process.kill(process.pid, 'SIGUSR2');
        await settle();
      }
      report(heard);
    });
    expect(await child.next()).toEqual(['first', 'first', 'added']);
  });

  test('the order is that of registration', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: number[] = [];
      for (let number = 0; number < 10; number++) {
        sigbridge.on('SIGUSR2', () => heard.push(number));
      }
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(heard);
    });
    expect(await child.next()).toEqual([...Array(10).keys()]);
  });
});

describe('a subscription', () => {
  test('to many signals hears each, and close ends them all', async () => {
    const child = await scenario(
      async ({ sigbridge, report, settle, args }) => {
        const heard: string[] = [];
        const signals = ['SIGHUP', 12, 'SIGRTMIN+3', 'SIGHUP'];
        const subscription = sigbridge.on(signals, ({ signal }) => heard.push(signal));
        report([subscription.signals, subscription.closed]);
        for (const number of [1, args.SIGUSR2, args.RT]) {
          process.kill(process.pid, number);
          await settle();
        }
        subscription.close();
        subscription.close();
        report([heard, subscription.closed]);
        report(subscription.signals.map((name) => sigbridge.inspect(name).disposition));
      },
      { args: { RT, SIGUSR2 } },
    );
    const names = ['SIGHUP', 'SIGUSR2', 'SIGRTMIN+3'];
    expect(await child.next()).toEqual([names, false]);
    expect(await child.next()).toEqual([names, true]);
    expect(await child.next()).toEqual(['default', 'default', 'default']);
  });

  test('for once closes at the first event, before the listener runs', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const subscription = sigbridge.on(
        ['SIGUSR2', 'SIGHUP'],
        ({ signal }) => {
          report([signal, subscription.closed, sigbridge.inspect('SIGHUP').disposition]);
        },
        { once: true },
      );
      sigbridge.on('SIGUSR2', () => undefined);
      process.kill(process.pid, 'SIGUSR2');
      process.kill(process.pid, 'SIGUSR2');
      await settle();
    });
    await child.exit;
    expect(child.reports()).toEqual([['SIGUSR2', true, 'default']]);
  });

  test('ends with Symbol.dispose, as `using` does it', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const subscription = sigbridge.on('SIGUSR2', () => undefined);
      report(sigbridge.inspect('SIGUSR2').owner);
      subscription[Symbol.dispose]();
      report([subscription.closed, sigbridge.inspect('SIGUSR2').disposition]);
    });
    await child.exit;
    expect(child.reports()).toEqual(['sigbridge', [true, 'default']]);
  });

  test('what waits for its turn goes to who listens by then, and to nobody twice', async () => {
    const child = await scenario(async ({ sigbridge, settle, report }) => {
      const heard: string[] = [];
      const listen = (who: string) => sigbridge.on('SIGUSR2', () => heard.push(who));
      const first = listen('first');
      process.kill(process.pid, 'SIGUSR2');
      first.close();
      const second = listen('second');
      await settle();
      process.kill(process.pid, 'SIGUSR2');
      second.close();
      await settle();
      listen('third');
      await settle();
      report(heard);
    });
    expect(await child.next()).toEqual(['second']);
  });

  test('of the same function twice is two', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      let heard = 0;
      const listener = () => heard++;
      const first = sigbridge.on('SIGUSR2', listener);
      sigbridge.on('SIGUSR2', listener);
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      first.close();
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(heard);
    });
    expect(await child.next()).toBe(3);
  });

  test('says who sent the signal, how and when', async () => {
    const child = await scenario(async ({ sigbridge, report, next }) => {
      const before = process.hrtime.bigint();
      sigbridge.on('SIGUSR2', (event) => {
        const { timestamp, ...rest } = event;
        const inTime = timestamp > before && timestamp <= process.hrtime.bigint();
        report({ ...rest, inTime, sender: event.sender() });
      });
      report();
      await next();
    });
    await child.next();
    child.kill('SIGUSR2');
    expect(await child.next()).toEqual({
      signal: 'SIGUSR2',
      number: SIGUSR2,
      code: 'SI_USER',
      pid: process.pid,
      uid: process.getuid?.(),
      value: null,
      status: null,
      coalesced: 0,
      inTime: true,
      sender: expect.stringContaining('node'),
    });
  });
});

describe('an AbortSignal', () => {
  test('closes the subscription when it is aborted', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const controller = new AbortController();
      let heard = 0;
      const subscription = sigbridge.on('SIGUSR2', () => heard++, { signal: controller.signal });
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      controller.abort();
      report([heard, subscription.closed, sigbridge.inspect('SIGUSR2').disposition]);
    });
    expect(await child.next()).toEqual([1, true, 'default']);
  });

  test('that is aborted already opens none', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const subscription = sigbridge.on('SIGUSR2', () => undefined, {
        signal: AbortSignal.abort(),
      });
      report([subscription.closed, sigbridge.inspect('SIGUSR2').disposition]);
    });
    expect(await child.next()).toEqual([true, 'default']);
  });

  test('is let go of by a subscription that closes first', async () => {
    const child = await scenario(({ sigbridge, require, report }) => {
      const events = require('node:events') as typeof import('node:events');
      const { signal } = new AbortController();
      const count = () => events.getEventListeners(signal, 'abort').length;
      const subscription = sigbridge.on('SIGUSR2', () => undefined, { signal });
      report(count());
      subscription.close();
      report(count());
    });
    await child.exit;
    expect(child.reports()).toEqual([1, 0]);
  });
});

describe('once', () => {
  test('resolves with the next event of one of the signals, and is closed then', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      const promise = sigbridge.once(['SIGHUP', 'SIGUSR2'], { ref: true });
      report(sigbridge.inspect('SIGHUP').owner);
      process.kill(process.pid, 'SIGUSR2');
      const { signal, code } = await promise;
      report([signal, code, sigbridge.inspect('SIGHUP').disposition]);
    });
    await child.exit;
    expect(child.reports()).toEqual(['sigbridge', ['SIGUSR2', 'SI_USER', 'default']]);
  });

  test('rejects with the reason of an abort before, and registers nothing', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      const signal = AbortSignal.abort(new RangeError('not now'));
      const promise = sigbridge.once('SIGUSR2', { signal });
      report(sigbridge.inspect('SIGUSR2').disposition);
      await promise.catch((error: unknown) => {
        report([error === signal.reason, error]);
      });
    });
    expect(await child.next()).toBe('default');
    expect(await child.next()).toEqual([true, { name: 'RangeError', message: 'not now' }]);
  });

  test('rejects with the reason of an abort while it waits, and is closed then', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      const controller = new AbortController();
      const promise = sigbridge.once('SIGUSR2', { signal: controller.signal });
      report(sigbridge.inspect('SIGUSR2').owner);
      controller.abort();
      await promise.catch((error: unknown) => {
        report((error as Error).name);
      });
      report(sigbridge.inspect('SIGUSR2').disposition);
    });
    await child.exit;
    expect(child.reports()).toEqual(['sigbridge', 'AbortError', 'default']);
  });

  test('lets go of the AbortSignal when the event came first', async () => {
    const child = await scenario(async ({ sigbridge, require, report }) => {
      const events = require('node:events') as typeof import('node:events');
      const controller = new AbortController();
      const promise = sigbridge.once('SIGUSR2', { signal: controller.signal, ref: true });
      process.kill(process.pid, 'SIGUSR2');
      await promise;
      report(events.getEventListeners(controller.signal, 'abort').length);
      controller.abort();
    });
    expect(await child.next()).toBe(0);
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the event loop', () => {
  test('is not kept alive', async () => {
    const child = await scenario(({ sigbridge }) => {
      sigbridge.on(['SIGUSR2', 'SIGTERM', 'SIGRTMIN'], () => undefined);
      void sigbridge.once('SIGHUP');
    });
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
  });

  test('is kept alive by ref: true, until the last such subscription is closed', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      process.on('beforeExit', () => {
        report('beforeExit');
      });
      const open = [1, 2].map((number) =>
        sigbridge.on(
          ['SIGUSR2', 'SIGHUP'],
          () => {
            report(number);
            if (number === open.length) open.pop()?.close();
          },
          { ref: true },
        ),
      );
      sigbridge.on('SIGUSR2', () => undefined);
      report('open');
    });
    expect(await child.next()).toBe('open');
    child.kill('SIGUSR2');
    expect([await child.next(), await child.next()]).toEqual([1, 2]);
    child.kill('SIGHUP');
    expect(await child.next()).toBe(1);
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual(['open', 1, 2, 1, 'beforeExit']);
  });

  test('ends when a ref subscription for once has had its event', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      process.on('beforeExit', () => {
        report('beforeExit');
      });
      void sigbridge.once('SIGUSR2', { ref: true }).then(({ signal }) => {
        report(signal);
      });
      report('open');
    });
    await child.next();
    child.kill('SIGUSR2');
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual(['open', 'SIGUSR2', 'beforeExit']);
  });
});

describe('a signal in the last moments, with nothing that keeps the loop alive', () => {
  test('reaches its listener when it came while the script was busy to its end', async () => {
    const child = await scenario(
      ({ sigbridge, fixture, report, args }) => {
        const witness = fixture('foreign_a');
        witness.install(args.SIGUSR2, { siginfo: true });
        sigbridge.on('SIGUSR2', ({ signal, pid }) => {
          report([signal, pid]);
        });
        report('busy');
        while (witness.read(args.SIGUSR2).calls === 0);
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.next()).toBe('busy');
    child.kill('SIGUSR2');
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual(['busy', ['SIGUSR2', process.pid]]);
  });

  test.each([
    ['as the last thing the script does', 'script'],
    ['during beforeExit', 'beforeExit'],
    ['right before process.exit()', 'process.exit'],
    ['in a promise that is the last to settle', 'promise'],
  ])('reaches its listener, %s', async (_, moment) => {
    const child = await scenario(
      ({ sigbridge, report, args }) => {
        const kill = () => process.kill(process.pid, 'SIGTERM');
        if (args.moment === 'beforeExit') process.once('beforeExit', kill);
        sigbridge.on('SIGTERM', ({ signal }) => {
          report(signal);
        });
        if (args.moment === 'script') kill();
        if (args.moment === 'promise') void Promise.resolve().then(kill);
        if (args.moment === 'process.exit') {
          kill();
          process.exit(3);
        }
      },
      { args: { moment } },
    );
    const code = moment === 'process.exit' ? 3 : 0;
    expect(await child.exit).toMatchObject({ code, signal: null });
    expect(child.reports()).toEqual(['SIGTERM']);
  });

  test('during a beforeExit that was set after ours', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      sigbridge.on('SIGTERM', ({ signal }) => {
        report(signal);
      });
      process.once('beforeExit', () => process.kill(process.pid, 'SIGTERM'));
    });
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual(['SIGTERM']);
  });

  test('can still begin work that keeps the loop alive', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      sigbridge.on('SIGTERM', () => {
        setTimeout(() => {
          report('worked');
        }, 1);
      });
      process.kill(process.pid, 'SIGTERM');
    });
    expect(await child.exit).toMatchObject({ code: 0 });
    expect(child.reports()).toEqual(['worked']);
  });

  test('all reach it, in order, when a listener itself ends the process', async () => {
    const child = await scenario(
      ({ sigbridge, report, args }) => {
        sigbridge.on(args.RT, ({ value }) => {
          report(value);
          if (value === 0) process.exit(0);
        });
        for (let value = 0; value < 600; value++) sigbridge.send(process.pid, args.RT, { value });
      },
      { args: { RT } },
    );
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual([...Array(600).keys()]);
  });

  test('reaches ours although process.on, beside it, loses it', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      process.on('SIGTERM', () => {
        report('process.on');
      });
      sigbridge.on('SIGTERM', () => {
        report('ours');
      });
      process.kill(process.pid, 'SIGTERM');
      process.exit(0);
    });
    await child.exit;
    expect(child.reports()).toEqual(['ours']);
  });
});

test('a signal that comes while the process is taken down does not change how it ends', async () => {
  const child = await scenario((tools) => {
    // Before sigbridge is loaded: what is loaded last is taken down first.
    tools.fixture('raw').killAtEnd(15); // SIGTERM
    tools.sigbridge.on('SIGTERM', () => undefined);
    process.exitCode = 7;
  });
  expect(await child.exit).toMatchObject({ code: 7, signal: null });
});
