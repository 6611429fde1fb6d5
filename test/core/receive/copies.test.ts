import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import type { RawAction } from '../../support/fixtures';
import { scenario } from '../../support/scenario';

const ROOT = path.join(__dirname, '../../..');
const SIGUSR2 = 12;
const RT = 37;

let tree: string;

// One dependency tree in which two packages have each brought their own sigbridge.
beforeAll(() => {
  tree = fs.mkdtempSync(path.join(os.tmpdir(), 'copies-'));
  for (const name of ['a', 'b']) {
    const copy = path.join(tree, 'node_modules', name, 'node_modules/sigbridge');
    for (const part of [
      'package.json',
      'dist',
      'native/index.js',
      'build/Release/sigbridge.node',
    ]) {
      fs.cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true });
    }
  }
});

afterAll(() => {
  fs.rmSync(tree, { recursive: true });
});

const pathsOf = (): string[] =>
  ['a', 'b'].map((name) => path.join(tree, 'node_modules', name, 'node_modules/sigbridge'));

type Step = 'a.on' | 'b.on' | 'a.close' | 'b.close' | 'process.on' | 'process.off';

const ORDERS: { name: string; steps: Step[] }[] = [
  ['a.on', 'b.on', 'a.close', 'b.close'],
  ['a.on', 'a.close', 'b.on', 'b.close'],
  ['a.on', 'a.close', 'b.on', 'a.on', 'b.close', 'a.close'],
  ['a.on', 'b.on', 'b.close', 'a.close'],
  ['a.on', 'b.on', 'a.close', 'a.on', 'b.close', 'a.close'],
  ['a.on', 'b.on', 'b.close', 'b.on', 'a.close', 'b.close'],
  ['process.on', 'a.on', 'b.on', 'a.close', 'b.close', 'process.off'],
  ['process.on', 'a.on', 'b.on', 'b.close', 'a.close', 'process.off'],
  ['process.on', 'a.on', 'b.on', 'process.off', 'b.close', 'a.close'],
  ['a.on', 'process.on', 'b.on', 'process.off', 'a.close', 'b.close'],
  ['a.on', 'process.on', 'b.on', 'b.close', 'process.off', 'a.close'],
  ['a.on', 'b.on', 'process.on', 'a.close', 'process.off', 'b.close'],
  ['a.on', 'b.on', 'process.on', 'b.close', 'a.close', 'process.off'],
].map((steps) => ({ name: steps.join(', '), steps: steps as Step[] }));

describe.each(['default', 'ignore', "a C library's handler"])(
  'two copies in one process, where %s stood',
  (before) => {
    test.each(['in one turn', 'a turn between'])(
      'each hears each signal once, whichever goes first, and what stood is put back (%s)',
      async (pace) => {
        const child = await scenario(
          async ({ require, fixture, report, settle, args }) => {
            const [a, b] = args.paths.map((path) => require(path) as typeof import('sigbridge'));
            if (!a || !b) throw new Error('not two copies');
            const raw = fixture('raw');
            const foreign = fixture('foreign_a');
            for (const { name, steps } of args.orders) {
              if (args.before === 'default') raw.setDefault(args.SIGUSR2);
              else if (args.before === 'ignore') raw.ignoreSignal(args.SIGUSR2);
              else foreign.install(args.SIGUSR2, { siginfo: true, mask: [1] });
              const first = raw.current(args.SIGUSR2);
              const heard = { a: 0, b: 0, process: 0 };
              const listener = () => heard.process++;
              const open: Record<string, { close(): void } | undefined> = {};
              const act = {
                'a.on': () => (open['a'] = a.on('SIGUSR2', () => heard.a++)),
                'b.on': () => (open['b'] = b.on('SIGUSR2', () => heard.b++)),
                'a.close': () => open['a']?.close(),
                'b.close': () => open['b']?.close(),
                'process.on': () => process.on('SIGUSR2', listener),
                'process.off': () => process.off('SIGUSR2', listener),
              };
              const listening = new Set<string>();
              const expected: Record<string, number> = { a: 0, b: 0, process: 0 };
              const wrong: unknown[] = [];
              for (const step of steps) {
                act[step]();
                const [who = '', what] = step.split('.');
                if (what === 'on') listening.add(who);
                else listening.delete(who);
                if (args.pace === 'in one turn') continue;
                await settle();
                if (listening.size === 0) continue;
                for (const each of listening) expected[each] = (expected[each] ?? 0) + 1;
                process.kill(process.pid, 'SIGUSR2');
                await settle();
                if (JSON.stringify(heard) !== JSON.stringify(expected)) {
                  wrong.push({ after: step, heard: { ...heard }, expected: { ...expected } });
                }
              }
              await settle();
              report({ name, wrong, first, last: raw.current(args.SIGUSR2) });
            }
          },
          { args: { paths: pathsOf(), orders: ORDERS, before, pace, SIGUSR2 } },
        );
        expect(await child.exit).toMatchObject({ code: 0, signal: null, stderr: '' });
        const seen = child.reports() as Seen[];
        expect(seen.map(({ name, wrong }) => ({ name, wrong }))).toEqual(
          ORDERS.map(({ name }) => ({ name, wrong: [] })),
        );
        for (const [index, { steps }] of ORDERS.entries()) {
          const { first, last } = seen[index] ?? {};
          // As without us, process.on takes the place of what it found, and leaves the default.
          const replaced = steps[0] === 'process.on' || steps.at(-1) === 'process.off';
          const exactly = before === "a C library's handler" ? first : { handler: first?.handler };
          expect(last).toMatchObject(replaced ? { handler: '0x0' } : { ...exactly });
        }
      },
    );
  },
);

interface Seen {
  name: string;
  wrong: unknown[];
  first: RawAction;
  last: RawAction;
}

test('the C handler below both is called once for each signal', async () => {
  const child = await scenario(
    async ({ require, fixture, report, settle, args }) => {
      const [a, b] = args.paths.map((path) => require(path) as typeof import('sigbridge'));
      const foreign = fixture('foreign_a');
      foreign.install(args.SIGUSR2, { siginfo: true });
      const heard: string[] = [];
      const first = a?.on('SIGUSR2', () => heard.push('a'));
      b?.on('SIGUSR2', () => heard.push('b'));
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      first?.close();
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report([heard.sort(), foreign.read(args.SIGUSR2).calls]);
    },
    { args: { paths: pathsOf(), SIGUSR2 } },
  );
  expect(await child.next()).toEqual([['a', 'b', 'b'], 2]);
});

test("chain: 'none' leaves out C handlers, but not the other copy and process.on", async () => {
  const child = await scenario(
    async ({ require, fixture, report, settle, args }) => {
      const [a, b] = args.paths.map((path) => require(path) as typeof import('sigbridge'));
      const foreign = fixture('foreign_a');
      foreign.install(args.SIGUSR2, { siginfo: true });
      const heard: string[] = [];
      a?.on('SIGUSR2', () => heard.push('a'), { chain: 'none' });
      b?.on('SIGUSR2', () => heard.push('b'), { chain: 'none' });
      process.on('SIGUSR2', () => heard.push('process.on'));
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report([heard.sort(), foreign.read(args.SIGUSR2).calls]);
    },
    { args: { paths: pathsOf(), SIGUSR2 } },
  );
  expect(await child.next()).toEqual([['a', 'b', 'process.on'], 0]);
});

test('what one copy held over the other reaches process.on once', async () => {
  const child = await scenario(
    async ({ require, report, settle, args }) => {
      const [a, b] = args.paths.map((path) => require(path) as typeof import('sigbridge'));
      const heard: string[] = [];
      process.on('SIGUSR2', () => heard.push('process.on'));
      a?.on('SIGUSR2', () => heard.push('a'));
      b?.on('SIGUSR2', () => heard.push('b'));
      const held = b?.hold('SIGUSR2');
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report([...heard].sort());
      held?.release();
      await settle();
      report(heard.sort());
    },
    { args: { paths: pathsOf() } },
  );
  expect(await child.next()).toEqual(['a', 'process.on']);
  expect(await child.next()).toEqual(['a', 'b', 'process.on']);
});

test('both know the other’s handler as sigbridge’s', async () => {
  const child = await scenario(
    ({ require, report, args }) => {
      const [a, b] = args.paths.map((path) => require(path) as typeof import('sigbridge'));
      a?.on('SIGUSR2', () => undefined);
      report([a?.inspect('SIGUSR2').owner, b?.inspect('SIGUSR2').owner]);
      b?.on('SIGUSR2', () => undefined);
      report(b?.inspect('SIGUSR2').chain.map(({ handler }) => handler.module));
    },
    { args: { paths: pathsOf() } },
  );
  expect(await child.next()).toEqual(['sigbridge', 'sigbridge']);
  const [a, b] = pathsOf().map((copy) => path.join(copy, 'build/Release/sigbridge.node'));
  expect(await child.next()).toEqual([b, a]);
});

test('real-time signals reach both, with their values, in order', async () => {
  const child = await scenario(
    async ({ require, report, settle, args }) => {
      const [a, b] = args.paths.map((path) => require(path) as typeof import('sigbridge'));
      const heard: Record<'a' | 'b', (number | null)[]> = { a: [], b: [] };
      const first = a?.on(args.RT, ({ value }) => heard.a.push(value));
      const second = b?.on(args.RT, ({ value }) => heard.b.push(value));
      for (let value = 0; value < 500; value++) b?.send(process.pid, args.RT, { value });
      await settle();
      first?.close();
      second?.close();
      const threads = b?.readProcess().threads ?? [];
      report({ heard, left: a?.inspect(args.RT).disposition });
      report(threads.filter(({ blocked }) => blocked.includes('SIGRTMIN+3')).length);
    },
    { args: { paths: pathsOf(), RT } },
  );
  const values = [...Array(500).keys()];
  expect(await child.next()).toEqual({ heard: { a: values, b: values }, left: 'default' });
  // Node's own thread for SIGUSR1 blocks every signal, always.
  expect(await child.next<number>()).toBeLessThanOrEqual(1);
});

test('one copy that is loaded twice from one file serves both', async () => {
  const child = await scenario(
    async ({ require, report, settle, args }) => {
      const [place = ''] = args.paths;
      const load = () => require(place) as typeof import('sigbridge');
      const first = load();
      for (const file of Object.keys(require.cache)) {
        if (file.startsWith(place)) Reflect.deleteProperty(require.cache, file);
      }
      const second = load();
      const heard: string[] = [];
      const subscriptions = [
        first.on('SIGUSR2', () => heard.push('first')),
        second.on('SIGUSR2', () => heard.push('second')),
      ];
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      subscriptions[0]?.close();
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      subscriptions[1]?.close();
      report([first !== second, heard.sort(), first.inspect('SIGUSR2').disposition]);
    },
    { args: { paths: pathsOf() } },
  );
  expect(await child.next()).toEqual([true, ['first', 'second', 'second'], 'default']);
  expect(await child.exit).toMatchObject({ code: 0, signal: null });
});
