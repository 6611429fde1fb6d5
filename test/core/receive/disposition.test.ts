import { describe, expect, test } from '@jest/globals';

import type { RawAction } from '../../support/fixtures';
import { bits, statusMasks } from '../../support/kernel';
import { scenario } from '../../support/scenario';

const RT = 37;
const SIGTERM = 15;

type Step = 'on' | 'close' | 'process.on' | 'process.off';

// Each order of the four in which a closing follows its opening.
const ORDERS: Step[][] = orders([
  ['on', 'close'],
  ['process.on', 'process.off'],
]);

function orders(lines: Step[][]): Step[][] {
  if (lines.every((line) => line.length === 0)) return [[]];
  return lines.flatMap(([first, ...rest], index) =>
    first === undefined
      ? []
      : orders(lines.map((line, other) => (other === index ? rest : line))).map((order) => [
          first,
          ...order,
        ]),
  );
}

/** Who stands after each step; `before` is what stood at the start. */
function expected(order: readonly Step[]): string[] {
  let [standing, previous, open, listening] = ['before', 'before', false, false];
  return order.map((step) => {
    if (step === 'on') [previous, open, standing] = [standing, true, 'sigbridge'];
    if (step === 'close') {
      open = false;
      standing = listening ? 'libuv' : previous === 'libuv' ? 'default' : previous;
    }
    if (step === 'process.on' || step === 'process.off') listening = step === 'process.on';
    // Without us, libuv sets its own handler at the first watcher and the default at the last.
    if (step === 'process.on' && !open) standing = 'libuv';
    if (step === 'process.off' && !open) standing = 'default';
    return standing;
  });
}

describe.each(['default', 'ignore', "the runtime's handler", "a C library's handler"])(
  'where %s stood',
  (before) => {
    test.each(['in one turn', 'a turn between'])(
      'each order of opening and closing, beside process.on, leaves what is due (%s)',
      async (pace) => {
        const child = await scenario(
          async ({ sigbridge, fixture, report, settle, args }) => {
            const { orders, before, pace } = args;
            const raw = fixture('raw');
            const runtimes = sigbridge.reset('SIGTERM');
            const prepare = {
              default: () => {
                raw.setDefault(args.SIGTERM);
              },
              ignore: () => {
                raw.ignoreSignal(args.SIGTERM);
              },
              "the runtime's handler": () => sigbridge.restore(runtimes),
              "a C library's handler": () => {
                fixture('foreign_a').install(args.SIGTERM, {
                  siginfo: true,
                  flags: 0x10000000,
                  mask: [1, 12, 40],
                });
              },
            };
            for (const order of orders) {
              prepare[before as keyof typeof prepare]();
              const first = raw.current(args.SIGTERM);
              const same = () => {
                const now = raw.current(args.SIGTERM);
                return Object.entries(first).every(
                  ([key, value]) => now[key as keyof typeof now] === value,
                );
              };
              const who = () => {
                const { disposition, owner } = sigbridge.inspect('SIGTERM');
                return disposition === before || same() ? 'before' : (owner ?? disposition);
              };
              const listener = (): void => undefined;
              let subscription: { close(): void } | undefined;
              const steps = {
                on: () => (subscription = sigbridge.on('SIGTERM', () => undefined)),
                close: () => subscription?.close(),
                'process.on': () => process.on('SIGTERM', listener),
                'process.off': () => process.off('SIGTERM', listener),
              };
              const seen = [];
              for (const step of order) {
                steps[step]();
                seen.push(who());
                if (pace === 'a turn between') await settle();
                if (who() !== seen.at(-1)) seen.push(`${who()} later`);
              }
              await settle();
              seen.push(who());
              report(seen);
            }
          },
          { args: { orders: ORDERS, before, pace, SIGTERM } },
        );
        expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
        expect(child.reports()).toEqual(
          ORDERS.map((order) => {
            const states = expected(order).map((state) => (state === before ? 'before' : state));
            return [...states, states.at(-1)];
          }),
        );
      },
    );
  },
);

describe('in the turn of the last close', () => {
  // libuv hears one turn later that we have gone: what happens meanwhile must not be undone.
  test('process.on works, and stays', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: string[] = [];
      sigbridge.on('SIGHUP', () => heard.push('ours')).close();
      process.on('SIGHUP', () => heard.push('theirs'));
      process.kill(process.pid, 'SIGHUP');
      await settle();
      process.kill(process.pid, 'SIGHUP');
      await settle();
      report([heard, sigbridge.inspect('SIGHUP').owner]);
    });
    expect(await child.next()).toEqual([['theirs', 'theirs'], 'libuv']);
  });

  // Our handler stands in for the default until then.
  test.each(['SIGHUP', 'SIGTERM', 'SIGUSR2'] as const)('%s ends the process', async (signal) => {
    const child = await scenario(
      ({ sigbridge, args }) => {
        sigbridge.on(args.signal, () => undefined).close();
        process.kill(process.pid, args.signal);
        for (;;);
      },
      { args: { signal } },
    );
    expect(await child.exit).toMatchObject({ code: null, signal, stderr: '' });
  });

  test('whoever is started, or reads, finds the default', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const { execFileSync } = process.getBuiltinModule('node:child_process');
      sigbridge.on(['SIGHUP', 'SIGURG'], () => undefined).close();
      const status = execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' });
      report([
        /SigCgt:\s+0+\n/.test(status),
        sigbridge.inspect('SIGHUP').disposition,
        sigbridge.readProcess().caught.includes('SIGURG'),
        sigbridge.reset('SIGHUP').changed,
      ]);
    });
    expect(await child.next()).toEqual([true, 'default', false, false]);
  });

  test('a signal that is ignored stays ignored', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      sigbridge.on('SIGHUP', () => undefined).close();
      sigbridge.ignore('SIGHUP');
      await settle();
      report(sigbridge.inspect('SIGHUP').disposition);
      process.kill(process.pid, 'SIGHUP');
    });
    expect(await child.next()).toBe('ignore');
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
  });

  test('a handler that native code installs stays', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
      const foreign = fixture('foreign_a');
      sigbridge.on('SIGHUP', () => undefined).close();
      foreign.install(1, { siginfo: true });
      await settle();
      process.kill(process.pid, 'SIGHUP');
      report([foreign.read(1).installed, foreign.read(1).calls]);
    });
    expect(await child.next()).toEqual([true, 1]);
  });

  test('a further on works, again and again', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      let heard = 0;
      sigbridge.ignore('SIGHUP');
      for (let cycle = 0; cycle < 5; cycle++) {
        const subscription = sigbridge.on('SIGHUP', () => heard++);
        process.kill(process.pid, 'SIGHUP');
        await settle();
        subscription.close();
        process.kill(process.pid, 'SIGHUP');
      }
      await settle();
      report([heard, sigbridge.inspect('SIGHUP').disposition]);
    });
    expect(await child.next()).toEqual([5, 'ignore']);
  });
});

describe('a signal that was ignored', () => {
  test.each([
    ['SIGHUP', 'by this process itself'],
    ['SIGINT', 'by this process itself'],
    [RT, 'since its start'],
  ])('%s, %s: on makes it arrive, close makes it ignored again', async (signal, how) => {
    const launcher = how === 'since its start' ? ['env', `--ignore-signal=${RT}`] : [];
    const child = await scenario(
      async ({ sigbridge, fixture, report, next, args }) => {
        const raw = fixture('raw');
        if (args.how === 'by this process itself') sigbridge.ignore(args.signal);
        const { number } = sigbridge.inspect(args.signal);
        const before = raw.current(number);
        report(number);
        await next();
        const subscription = sigbridge.on(args.signal, (event) => {
          report(event.number);
        });
        report(sigbridge.ignored(args.signal));
        await next();
        subscription.close();
        report([sigbridge.ignored(args.signal), before, raw.current(number)]);
        await next();
      },
      { args: { signal, how }, launcher },
    );
    const number = await child.next<number>();
    const bit = bits(number);
    const state = (): string[] => {
      const { ignored, caught } = statusMasks(child.pid);
      return [...(ignored & bit ? ['ignored'] : []), ...(caught & bit ? ['caught'] : [])];
    };
    expect(state()).toEqual(['ignored']);
    child.kill(number);
    child.tell();
    expect(await child.next()).toBe(false);
    expect(state()).toEqual(['caught']);
    child.kill(number);
    expect(await child.next()).toBe(number);
    child.tell();
    const [ignored, before, after] = await child.next<[boolean, RawAction, RawAction]>();
    expect(ignored).toBe(true);
    expect(after.handler).toBe(before.handler);
    expect(state()).toEqual(['ignored']);
    child.kill(number);
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
  });

  test.each(['SIGPIPE', 'SIGXFSZ'] as const)(
    'by the runtime for its own sake, %s, is so again',
    async (signal) => {
      const child = await scenario(
        async ({ sigbridge, report, settle, args }) => {
          const heard: string[] = [];
          const subscription = sigbridge.on(args.signal, (event) => heard.push(event.signal));
          process.kill(process.pid, args.signal);
          await settle();
          subscription.close();
          process.kill(process.pid, args.signal);
          await settle();
          process.kill(process.pid, args.signal);
          report([heard, sigbridge.ignored(args.signal)]);
        },
        { args: { signal } },
      );
      expect(await child.next()).toEqual([[signal], true]);
      expect(await child.exit).toMatchObject({ code: 0, signal: null });
    },
  );
});

test('a signal at its default does again, after the last close, what it does by default', async () => {
  const child = await scenario(async ({ sigbridge, report, next, settle }) => {
    const first = sigbridge.on('SIGUSR2', () => {
      report('first');
    });
    const second = sigbridge.on('SIGUSR2', () => {
      report('second');
    });
    report();
    await next();
    first.close();
    report();
    await next();
    second.close();
    await settle();
    report();
    await next();
  });
  await child.next();
  child.kill('SIGUSR2');
  expect([await child.next(), await child.next()]).toEqual(['first', 'second']);
  child.tell();
  await child.next();
  expect(statusMasks(child.pid).caught & bits('SIGUSR2')).not.toBe(0n);
  child.kill('SIGUSR2');
  expect(await child.next()).toBe('second');
  child.tell();
  await child.next();
  expect(statusMasks(child.pid).caught & bits('SIGUSR2')).toBe(0n);
  child.kill('SIGUSR2');
  expect(await child.exit).toMatchObject({ signal: 'SIGUSR2' });
});
