import { describe, expect, test } from '@jest/globals';

import { fixturePath } from '../../support/fixtures';
import { scenario } from '../../support/scenario';

/** How often each was called for one signal: JavaScript, process.on, and the libraries in turn. */
type Counts = [js: number, processOn: number, ...libraries: number[]];

describe('a handler that was set over ours', () => {
  test('is named on request, taken into the chain, and left standing at the end', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
      const library = fixture('newcomer_a');
      const heard: unknown[] = [];
      const subscription = sigbridge.on('SIGUSR2', (event) => heard.push(event.code));
      process.on('SIGUSR2', () => heard.push('process.on'));
      report([sigbridge.displaced(), sigbridge.reclaim()]);
      library.install(12, { mask: [15] });
      const own = fixture('raw').current(12);
      report(sigbridge.displaced());
      report(sigbridge.inspect('SIGUSR2').chain);
      report([sigbridge.reclaim('SIGINT'), sigbridge.reclaim('SIGUSR2'), sigbridge.displaced()]);
      report(sigbridge.inspect('SIGUSR2').chain.map(({ handler }) => handler.symbol));
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report([heard, library.calls(12).length]);
      process.removeAllListeners('SIGUSR2');
      subscription.close();
      report([fixture('raw').current(12), own]);
    });
    const displacement = {
      signal: 'SIGUSR2',
      disposition: 'handler',
      by: { module: expect.stringContaining('newcomer_a'), symbol: 'newcomer_a' },
    };
    expect(await child.next()).toEqual([[], []]);
    expect(await child.next()).toMatchObject([displacement]);
    expect(await child.next()).toMatchObject([{ owner: 'native', handler: displacement.by }]);
    expect(await child.next()).toMatchObject([[], [displacement], []]);
    const [first, second, third] = await child.next<(string | null)[]>();
    expect(first).toContain('sigbridge_handler');
    expect([typeof second, third]).toEqual(['object', 'newcomer_a']);
    const [heard, calls] = await child.next<[string[], number]>();
    expect([...heard].sort()).toEqual(['SI_USER', 'process.on']);
    expect(calls).toBe(1);
    const [after, before] = await child.next<[unknown, unknown]>();
    expect(after).toEqual(before);
  });

  test.each(['left there', 'taken into the chain'])(
    '%s, calls ours, and lives on after the last close: with the default below it would have called nobody',
    async (place) => {
      const child = await scenario(
        async ({ sigbridge, fixture, report, settle, args: place }) => {
          const library = fixture('chaining');
          let heard = 0;
          const subscription = sigbridge.on('SIGUSR2', () => heard++);
          library.install(12);
          if (place === 'taken into the chain') sigbridge.reclaim();
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          subscription.close();
          await settle();
          process.kill(process.pid, 'SIGUSR2');
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          report([heard, library.count(12)]);
        },
        { args: place },
      );
      expect(await child.next()).toEqual([1, 3]);
    },
  );

  test('by the default or an ignore is seen, and taken back', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
      const subscription = sigbridge.on('SIGUSR2', ({ signal }) => {
        report(signal);
      });
      fixture('raw').ignoreSignal(12);
      report(sigbridge.reclaim());
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      subscription.close();
      report(sigbridge.inspect('SIGUSR2').disposition);
    });
    expect(await child.next()).toEqual([{ signal: 'SIGUSR2', disposition: 'ignore', by: null }]);
    expect(await child.next()).toBe('SIGUSR2');
    expect(await child.next()).toBe('ignore');
  });

  test('is noticed after dlopen and at inspect, once each time, and taken back if so wished', async () => {
    const child = await scenario(
      ({ sigbridge, fixture, report, args }) => {
        const dlopen: unknown = Reflect.get(process, 'dlopen');
        sigbridge.on(['SIGUSR2', 'SIGTERM'], () => undefined);
        const told: unknown[] = [];
        const resources = process.getActiveResourcesInfo();
        const watch = sigbridge.onDisplaced(({ signal, by }) => {
          told.push([signal, by?.symbol]);
        });
        // No polling.
        report([process.getActiveResourcesInfo(), resources]);
        const turn = () => new Promise((resolve) => setImmediate(resolve));
        return (async () => {
          fixture('newcomer_a').install(12);
          const module = { exports: {} };
          process.dlopen(module, args.addon);
          await turn();
          report([told, Object.keys(module.exports)]);
          sigbridge.inspect('SIGUSR2');
          sigbridge.displaced();
          fixture('newcomer_b').install(15);
          sigbridge.inspect('SIGINT');
          await turn();
          report(told.length);
          sigbridge.inspect('SIGTERM');
          await turn();
          report(told);
          watch.close();
          report([Reflect.get(process, 'dlopen') === dlopen, watch.closed]);
          const second = sigbridge.onDisplaced(() => undefined, { reclaim: true });
          sigbridge.displaced();
          report(sigbridge.displaced());
          second.close();
          let thrown: unknown;
          const third = sigbridge.onDisplaced(() => undefined);
          try {
            process.dlopen({ exports: {} }, '/nowhere.node');
          } catch (error) {
            thrown = error;
          }
          report(thrown);
          third.close();
          process.exit();
        })();
      },
      { args: { addon: fixturePath('raw.node') } },
    );
    const [during, before] = await child.next<[string[], string[]]>();
    expect(during).toEqual(before);
    const [told, exported] = await child.next<[unknown, string[]]>();
    expect(told).toEqual([['SIGUSR2', 'newcomer_a']]);
    expect(exported).toContain('current');
    expect(await child.next()).toBe(1);
    expect(await child.next()).toEqual([
      ['SIGUSR2', 'newcomer_a'],
      ['SIGTERM', 'newcomer_b'],
    ]);
    expect(await child.next()).toEqual([true, true]);
    expect(await child.next()).toEqual([]);
    expect(await child.next()).toMatchObject({ code: 'ERR_DLOPEN_FAILED' });
  });

  test('is told again when another takes its place, and when the same has left and comes back', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report }) => {
      const [a, b] = [fixture('newcomer_a'), fixture('newcomer_b')];
      sigbridge.on('SIGUSR2', () => undefined);
      const told: unknown[] = [];
      const watch = sigbridge.onDisplaced(({ by }) => told.push(by?.symbol));
      const steps = [
        () => {
          a.install(12);
        },
        () => {
          b.install(12);
        },
        () => {
          b.uninstall(12);
        },
        () => {
          a.uninstall(12);
        },
        () => {
          a.install(12);
        },
      ];
      for (const step of steps) {
        step();
        sigbridge.displaced();
        await new Promise((resolve) => setImmediate(resolve));
        report(told.splice(0));
      }
      // Noticed, and closed before it could be told.
      b.install(12);
      sigbridge.displaced();
      watch.close();
      await new Promise((resolve) => setImmediate(resolve));
      report(told);
      process.exit();
    });
    expect(await child.next()).toEqual(['newcomer_a']);
    expect(await child.next()).toEqual(['newcomer_b']);
    expect(await child.next()).toEqual(['newcomer_a']);
    expect(await child.next()).toEqual([]);
    expect(await child.next()).toEqual(['newcomer_a']);
    expect(await child.next()).toEqual([]);
  });

  describe.each(['nobody', 'as-taken', 'one-argument', 'send-again'] as const)(
    'and that hands on to %s',
    (next) => {
      test.each([
        ['stands alone', false],
        ['is taken into the chain', true],
      ])('%s: nobody is called twice', async (_how, reclaimed) => {
        const child = await scenario(
          async ({ sigbridge, fixture, report, settle, args }) => {
            const [below, over] = [fixture('newcomer_a'), fixture('newcomer_b')];
            below.install(12);
            let js = 0;
            let processOn = 0;
            const subscription = sigbridge.on('SIGUSR2', () => js++);
            process.on('SIGUSR2', () => processOn++);
            over.install(12, { next: args.next });
            if (args.reclaimed) sigbridge.reclaim();
            const count = async (): Promise<void> => {
              [js, processOn] = [0, 0];
              const before = [below.calls(12).length, over.calls(12).length];
              process.kill(process.pid, 'SIGUSR2');
              await settle();
              report([
                js,
                processOn,
                below.calls(12).length - (before[0] ?? 0),
                over.calls(12).length - (before[1] ?? 0),
              ]);
            };
            await count();
            await count();
            over.uninstall(12);
            await count();
            process.removeAllListeners('SIGUSR2');
            subscription.close();
            report(sigbridge.inspect('SIGUSR2').handler?.symbol);
            below.uninstall(12);
            report(sigbridge.inspect('SIGUSR2').disposition);
          },
          { args: { next, reclaimed } },
        );
        const handsOn = next !== 'nobody';
        const counts: Counts = [
          reclaimed || handsOn ? 1 : 0,
          reclaimed || handsOn ? 1 : 0,
          handsOn ? 1 : 0,
          1,
        ];
        expect(await child.next()).toEqual(counts);
        expect(await child.next()).toEqual(counts);
        // What it found is back: it is no more, and all others are called as before.
        expect(await child.next()).toEqual([1, 1, 1, 0]);
        expect(await child.next()).toBe('newcomer_a');
        expect(await child.next()).toBe('default');
      });
    },
  );

  // As libedit does, and many that tidy up at the first signal. Where the sender's thread blocks it,
  // another one takes it.
  test.each(['leave-kill', 'leave-raise', 'leave-queue'] as const)(
    'and that puts back what it found, and sends it again, %s: nobody is called twice',
    async (next) => {
      const child = await scenario(
        async ({ sigbridge, fixture, report, settle, args }) => {
          const [below, over] = [fixture('newcomer_a'), fixture('newcomer_b')];
          below.install(12);
          let js = 0;
          let processOn = 0;
          sigbridge.on('SIGUSR2', () => js++);
          process.on('SIGUSR2', () => processOn++);
          for (let round = 1; round <= 3; round++) {
            over.install(12, { next: args.next });
            sigbridge.reclaim();
            process.kill(process.pid, 'SIGUSR2');
            while (below.calls(12).length < 2 * round - 1) await settle();
            await settle();
            report([js, processOn, below.calls(12).length, over.calls(12).length]);
            // It has gone.
            process.kill(process.pid, 'SIGUSR2');
            while (below.calls(12).length < 2 * round) await settle();
            await settle();
            report([js, processOn, below.calls(12).length, over.calls(12).length]);
          }
          process.exit();
        },
        { args: { next } },
      );
      for (let round = 1; round <= 3; round++) {
        const heard = 2 * round;
        expect(await child.next()).toEqual([heard - 1, heard - 1, heard - 1, round]);
        expect(await child.next()).toEqual([heard, heard, heard, round]);
      }
    },
  );

  // As readline does: its handler only notes the signal, which its main loop sends again.
  test.each(['immediate', 'deferred'] as const)(
    'and that sends it again later: nobody is called twice, with a bridge that is %s',
    async (mode) => {
      const child = await scenario(
        async ({ sigbridge, fixture, report, settle, args }) => {
          const [below, over] = [fixture('newcomer_a'), fixture('newcomer_b')];
          below.install(12);
          const bridge = sigbridge.bridge('SIGUSR2', { mode: args.mode });
          let js = 0;
          let processOn = 0;
          sigbridge.on('SIGUSR2', (event) => {
            js++;
            if (args.mode === 'deferred') bridge.forward(event);
          });
          process.on('SIGUSR2', () => processOn++);
          over.install(12);
          for (let round = 0; round < 2; round++) {
            sigbridge.reclaim();
            process.kill(process.pid, 'SIGUSR2');
            await settle();
            over.sendAgain(12);
            await settle();
            report([js, processOn, below.calls(12).length, over.calls(12).length]);
          }
          process.exit();
        },
        { args: { mode } },
      );
      expect(await child.next()).toEqual([1, 1, 1, 1]);
      expect(await child.next()).toEqual([2, 2, 2, 2]);
    },
  );

  test('does not keep from JavaScript what it has not sent again', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, next, settle }) => {
      const over = fixture('newcomer_b');
      let js = 0;
      let processOn = 0;
      sigbridge.on('SIGUSR2', () => js++);
      process.on('SIGUSR2', () => processOn++);
      const hears = async (send: () => unknown): Promise<void> => {
        const before = [js, processOn];
        await send();
        await settle();
        report([js - (before[0] ?? 0), processOn - (before[1] ?? 0)]);
      };
      const own = () => process.kill(process.pid, 'SIGUSR2');
      const note = async (how?: Parameters<typeof over.install>[1]): Promise<void> => {
        over.install(12, how);
        sigbridge.reclaim();
        await hears(own);
      };
      // It notes the signal, and leaves; what comes then is new, whoever in this process sends it.
      await note();
      over.uninstall(12);
      await hears(own);
      await hears(() => {
        sigbridge.send(process.pid, 'SIGUSR2');
      });
      // So is what comes from outside, in its absence.
      await note();
      over.uninstall(12);
      await hears(async () => {
        report('outside');
        await next();
      });
      // It sends once more than it has noted.
      await note();
      over.sendAgain(12);
      await hears(() => {
        over.sendAgain(12);
      });
      over.uninstall(12);
      // It has handed on, in its handler, what it was called for: what it sends now is another.
      await note({ next: 'as-taken' });
      await hears(() => {
        over.sendAgain(12);
      });
      process.exit();
    });
    const heard = async (): Promise<void> => {
      expect(await child.next()).toEqual([1, 1]);
    };
    for (let i = 0; i < 4; i++) await heard();
    expect(await child.next()).toBe('outside');
    child.kill('SIGUSR2');
    child.tell();
    for (let i = 0; i < 5; i++) await heard();
  });

  test('that installs itself again over ours is called once, and so are all others', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
      const [below, over] = [fixture('newcomer_a'), fixture('newcomer_b')];
      below.install(12);
      let js = 0;
      const subscription = sigbridge.on('SIGUSR2', () => js++);
      for (let i = 0; i < 12; i++) {
        over.install(12, { next: 'as-taken' });
        sigbridge.reclaim();
      }
      report(sigbridge.handlersOf('SIGUSR2').map(({ symbol }) => symbol));
      const count = async (): Promise<void> => {
        process.kill(process.pid, 'SIGUSR2');
        await settle();
        report([js, below.calls(12).length, over.calls(12).length]);
      };
      await count();
      over.install(12, { next: 'as-taken' });
      await count();
      subscription.close();
      await count();
      report(sigbridge.inspect('SIGUSR2').handler?.symbol);
    });
    expect(await child.next()).toEqual(['newcomer_b', 'newcomer_a']);
    expect(await child.next()).toEqual([1, 1, 1]);
    // It stands on top again, and calls ours.
    expect(await child.next()).toEqual([2, 2, 2]);
    // Nobody listens any more.
    expect(await child.next()).toEqual([2, 3, 3]);
    expect(await child.next()).toBe('newcomer_b');
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('three libraries stacked keep their order', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
      const libraries = [fixture('newcomer_a'), fixture('newcomer_b'), fixture('newcomer_c')];
      libraries[0]?.install(12);
      let js = 0;
      sigbridge.on('SIGUSR2', () => js++);
      libraries[1]?.install(12, { next: 'as-taken' });
      sigbridge.reclaim();
      libraries[2]?.install(12, { next: 'one-argument' });
      sigbridge.reclaim();
      report(sigbridge.handlersOf('SIGUSR2').map(({ symbol }) => symbol));
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report([js, libraries.flatMap((library) => library.calls(12).map(({ at }) => at))]);
      process.exit();
    });
    expect(await child.next()).toEqual(['newcomer_c', 'newcomer_b', 'newcomer_a']);
    const [js, times] = await child.next<[number, bigint[]]>();
    expect(js).toBe(1);
    expect(times).toHaveLength(3);
    expect([...times].sort((a, b) => (a < b ? 1 : -1))).toEqual(times);
  });

  // a: there before us; b: over us, taken into the chain; o: ours. In every order of leaving.
  test.each(['abo', 'aob', 'bao', 'boa', 'oab', 'oba'])('they come apart as %s', async (order) => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const [a, b] = [fixture('newcomer_a'), fixture('newcomer_b')];
        a.install(12);
        let js = 0;
        const subscription = sigbridge.on('SIGUSR2', () => js++);
        b.install(12, { next: 'as-taken' });
        sigbridge.reclaim();
        const leave: Record<string, () => void> = {
          a: () => {
            a.uninstall(12);
          },
          b: () => {
            b.uninstall(12);
          },
          o: () => {
            subscription.close();
          },
        };
        for (const who of args.order) {
          leave[who]?.();
          const state = sigbridge.inspect('SIGUSR2');
          const before = [js, a.calls(12).length, b.calls(12).length];
          if (state.disposition === 'handler') process.kill(process.pid, 'SIGUSR2');
          await settle();
          const after = [js, a.calls(12).length, b.calls(12).length];
          report([
            state.disposition === 'handler'
              ? (state.handler?.symbol ?? '').slice(0, 10)
              : state.disposition,
            after.map((count, index) => count - (before[index] ?? 0)),
          ]);
        }
      },
      { args: { order } },
    );
    const steps: unknown[] = [];
    for (let i = 0; i < 3; i++) steps.push(await child.next());
    expect(steps).toEqual(APART[order]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  // Three libraries over one that stays, and ours, in every order of leaving: who is called, also of
  // those that have left, is called without us too.
  test.each(permutations(['a', 'b', 'c', 'o']))('three come apart as %s', async (order) => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const libraries = [fixture('newcomer_a'), fixture('newcomer_b'), fixture('newcomer_c')];
        const lowest = fixture('foreign_a');
        let js = 0;
        const counts = () => [
          js,
          lowest.read(12).calls,
          ...libraries.map((library) => library.calls(12).length),
        ];
        const install = (afterwards: () => void): void => {
          fixture('raw').setDefault(12);
          lowest.install(12, { siginfo: true });
          afterwards();
          for (const library of libraries) {
            library.install(12, { next: 'as-taken' });
            afterwards();
          }
        };
        const comeApart = async (order: string): Promise<number[][]> => {
          const called: number[][] = [];
          for (const who of order) {
            if (who === 'o') subscription?.close();
            else libraries['abc'.indexOf(who)]?.uninstall(12);
            const before = counts();
            process.kill(process.pid, 'SIGUSR2');
            await settle();
            called.push(counts().map((count, index) => count - (before[index] ?? 0)));
          }
          return called;
        };
        let subscription: import('sigbridge').Subscription | undefined;
        install(() => undefined);
        report(await comeApart(args.order.replace('o', '')));
        install(() => {
          subscription ??= sigbridge.on('SIGUSR2', () => js++);
          sigbridge.reclaim();
        });
        report(await comeApart(args.order));
      },
      { args: { order } },
    );
    const without = await child.next<number[][]>();
    const beside = await child.next<number[][]>();
    const ofTheirs = (called: number[][]) => called.map(([, ...theirs]) => theirs);
    const o = order.indexOf('o');
    // Our leaving changes nothing for them.
    const all = without.toSpliced(o, 0, without[o - 1] ?? [0, 1, 1, 1, 1]);
    expect(ofTheirs(beside)).toEqual(ofTheirs(all));
    expect(beside.map(([js]) => js)).toEqual(Array.from(order, (_, index) => (index < o ? 1 : 0)));
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});

function permutations(items: readonly string[]): string[] {
  if (items.length === 0) return [''];
  return items.flatMap((one) =>
    permutations(items.filter((other) => other !== one)).map((rest) => one + rest),
  );
}

// What stands after each has left, and who (JavaScript, a, b) is called then. Who puts back what was
// there before it came takes along those who came later, as without sigbridge.
const APART: Record<string, unknown[]> = {
  abo: [
    ['default', [0, 0, 0]],
    ['sigbridge_', [1, 1, 0]],
    ['newcomer_a', [0, 1, 0]],
  ],
  aob: [
    ['default', [0, 0, 0]],
    ['default', [0, 0, 0]],
    ['sigbridge_', [0, 1, 0]],
  ],
  bao: [
    ['sigbridge_', [1, 1, 0]],
    ['default', [0, 0, 0]],
    ['default', [0, 0, 0]],
  ],
  boa: [
    ['sigbridge_', [1, 1, 0]],
    ['newcomer_a', [0, 1, 0]],
    ['default', [0, 0, 0]],
  ],
  oab: [
    ['newcomer_b', [0, 1, 1]],
    ['default', [0, 0, 0]],
    ['sigbridge_', [0, 1, 0]],
  ],
  oba: [
    ['newcomer_b', [0, 1, 1]],
    ['sigbridge_', [0, 1, 0]],
    ['default', [0, 0, 0]],
  ],
};
