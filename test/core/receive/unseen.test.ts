import { describe, expect, test } from '@jest/globals';

import { scenario, type ScenarioBody } from '../../support/scenario';

const DIST = require.resolve('../../../dist/index.js');
const TAKERS = require.resolve('../../support/takers.js');

type Takers = (sigbridge: object) => Record<string, () => { close(): void }>;

// What a program finds that counts, in every way that there is.
const COUNTS = `(process, require) => {
  const events = require('node:events');
  const names = ['exit', 'beforeExit', 'newListener', 'removeListener'];
  return JSON.stringify([
    process.eventNames().filter((name) => names.includes(name)).map(String).sort(),
    Object.keys(process).length,
    names.map((name) => [
      process.listenerCount(name),
      process.listeners(name).length,
      process.rawListeners(name).length,
      events.getEventListeners(process, name).length,
      events.listenerCount(process, name),
    ]),
  ]);
}`;

describe('who counts what listens on process', () => {
  test.each(['on', 'once', 'notify', 'flag', 'hold', 'bridge', 'watchdog', 'prepare'] as const)(
    'finds nothing of ours while %s is open, at once and later',
    async (way) => {
      const child = await scenario(
        async ({ sigbridge, require, report, settle, args }) => {
          const count = eval(args.counts) as (...given: unknown[]) => string;
          const counts = () => count(process, require);
          const opens = (require(args.takers) as Takers)(sigbridge);
          const fresh = counts();
          const seen = new Set<string>();
          const own = Reflect.ownKeys(process).length;
          const one = opens[args.way]?.();
          seen.add(counts());
          await settle();
          seen.add(counts());
          one?.close();
          seen.add(counts());
          await settle();
          seen.add(counts());
          report([...seen].filter((one) => one !== fresh));
          report(Reflect.ownKeys(process).length - own);
        },
        { args: { way, counts: COUNTS, takers: TAKERS } },
      );
      expect(await child.next()).toEqual([]);
      expect(await child.next()).toBe(0);
    },
  );

  test('finds nothing of ours in a worker', async () => {
    const child = await scenario(
      async ({ require, report, args }) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const events = require('node:events') as typeof import('node:events');
        const worker = new Worker(
          `const { parentPort, workerData } = require('node:worker_threads');
          const counts = eval(workerData.counts);
          const fresh = counts(process, require);
          const { on, hold } = require(workerData.dist);
          const open = [on('SIGHUP', () => {}), hold('SIGUSR2')];
          const during = counts(process, require);
          for (const one of open) one.close();
          setImmediate(() => {
            parentPort.postMessage([during === fresh, counts(process, require) === fresh]);
          });`,
          { eval: true, workerData: args },
        );
        report((await events.once(worker, 'message'))[0]);
      },
      { args: { counts: COUNTS, dist: DIST } },
    );
    expect(await child.next()).toEqual([true, true]);
  });

  test('finds all that is not ours, also by the wrapper that once makes', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const first = () => undefined;
      const second = () => undefined;
      process.on('exit', first);
      sigbridge.on('SIGHUP', () => undefined);
      process.once('exit', second);
      report([
        process.listenerCount('exit'),
        process.listeners('exit').map((one) => [first, second].indexOf(one as () => undefined)),
        process.rawListeners('exit').map((one) => [first, second].indexOf(one as () => undefined)),
        process.eventNames().includes('exit'),
      ]);
      process.off('exit', first);
      process.off('exit', second);
      report([process.listenerCount('exit'), process.eventNames().includes('exit')]);
    });
    expect(await child.next()).toEqual([2, [0, 1], [0, -1], true]);
    expect(await child.next()).toEqual([0, false]);
  });

  test('is told of nothing of ours that comes and goes', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const told: string[] = [];
      process.on('newListener', (name) => told.push(String(name)));
      process.on('removeListener', (name) => told.push(String(name)));
      told.length = 0;
      const open = [sigbridge.on('SIGHUP', () => undefined), sigbridge.hold('SIGUSR2')];
      await settle();
      for (const one of open) one.close();
      await settle();
      report(told);
    });
    expect(await child.next()).toEqual([]);
  });

  test('and has put a way of his own to count over ours: both stay right', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const wrap = () => {
        const before = process.listenerCount.bind(process);
        process.listenerCount = (name: string) => before(name) + 1000;
      };
      const counts: number[] = [];
      for (let round = 0; round < 3; round++) {
        const one = sigbridge.on('SIGHUP', () => undefined);
        if (round === 0) wrap();
        counts.push(process.listenerCount('exit'), process.listeners('exit').length);
        one.close();
        await settle();
        counts.push(process.listenerCount('exit'), process.listeners('exit').length);
      }
      report(counts);
    });
    expect(await child.next()).toEqual(new Array(6).fill([1000, 0]).flat());
  });

  test('finds nothing of two copies, whichever goes first', async () => {
    const child = await scenario(
      async ({ sigbridge, require, report, settle, args }) => {
        const count = eval(args.counts) as (...given: unknown[]) => string;
        const counts = () => count(process, require);
        const fresh = counts();
        const keys = Reflect.ownKeys(process).length;
        for (const name of Object.keys(require.cache)) {
          // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
          if (name.includes('/dist/')) delete require.cache[name];
        }
        const other = require(args.dist) as typeof sigbridge;
        const same: boolean[] = [other.on === sigbridge.on];
        for (const [first, second] of [[sigbridge, other] as const, [other, sigbridge] as const]) {
          const one = first.on('SIGHUP', () => undefined);
          const two = second.on('SIGUSR2', () => undefined);
          same.push(counts() === fresh);
          one.close();
          await settle();
          same.push(counts() === fresh);
          two.close();
          await settle();
          same.push(counts() === fresh, Reflect.ownKeys(process).length === keys);
        }
        report(same);
      },
      { args: { counts: COUNTS, dist: DIST } },
    );
    expect(await child.next()).toEqual([false, ...new Array<boolean>(8).fill(true)]);
  });
});

describe("Node's warning of too many listeners", () => {
  const warned: ScenarioBody<{ ours: boolean; most: number; event: string }> = async ({
    sigbridge,
    report,
    settle,
    args,
  }) => {
    const warnings: unknown[] = [];
    process.on('warning', ({ message }) => warnings.push(message.replace(/\d+ /, '')));
    if (args.most !== 10) process.setMaxListeners(args.most);
    const fresh = process.listenerCount(args.event);
    const open = args.ours
      ? [sigbridge.on('SIGHUP', () => undefined), sigbridge.hold('SIGUSR2')]
      : [];
    for (let more = fresh; more < args.most; more++) process.on(args.event, () => undefined);
    await settle();
    report(warnings.length);
    process.on(args.event, () => undefined);
    await settle();
    report(warnings.length);
    for (const one of open) one.close();
    await settle();
    process.on(args.event, () => undefined);
    await settle();
    report(warnings.length);
  };

  test.each([
    ['exit', 10],
    ['exit', 1],
    ['exit', 2],
    ['beforeExit', 3],
    ['newListener', 6],
    ['removeListener', 6],
  ])('of %s comes as it would without ours, where %i are allowed', async (event, most) => {
    const heard = [];
    for (const ours of [false, true]) {
      const child = await scenario(warned, { args: { ours, most, event } });
      await child.exit;
      heard.push(child.reports());
    }
    expect(heard).toEqual([
      [0, 1, 1],
      [0, 1, 1],
    ]);
  });

  test('comes after our last close where it was due only then', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const warnings: unknown[] = [];
      process.on('warning', (warning) => warnings.push(warning));
      const one = sigbridge.on('SIGHUP', () => undefined);
      for (let more = 0; more < 10; more++) process.on('exit', () => undefined);
      one.close();
      await settle();
      report(warnings.length);
      process.on('exit', () => undefined);
      await settle();
      report(warnings.length);
    });
    expect(await child.next()).toBe(0);
    expect(await child.next()).toBe(1);
  });
});

test.each(['exit', undefined] as const)(
  'removeAllListeners(%s) takes away what others have, and a last signal is heard all the same',
  async (event) => {
    const child = await scenario(
      async ({ sigbridge, report, settle, args }) => {
        sigbridge.on('SIGHUP', () => {
          report('heard');
        });
        process.on('exit', () => {
          report('of others');
        });
        if (args === 'exit') process.removeAllListeners('exit');
        else process.removeAllListeners();
        await settle();
        process.kill(process.pid, 'SIGHUP');
        process.exit();
      },
      { args: event ?? 'all' },
    );
    await child.exit;
    expect(child.reports()).toEqual(['heard']);
  },
);
