// libuv's watcher, which keeps its handler from ours, is taken a turn after the first listener has come:
// what begins to watch before that must find it there all the same.
import { describe, expect, test } from '@jest/globals';

import { fixturePath } from '../../support/fixtures';
import { scenario } from '../../support/scenario';

describe('in the turn of the first on', () => {
  test('process.on begins: both hear each signal once, from the first one on', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
      const raw = fixture('raw');
      const heard: string[] = [];
      sigbridge.on('SIGUSR2', () => heard.push('ours'));
      const ours = raw.current(12).handler;
      process.on('SIGUSR2', () => heard.push('theirs'));
      report(raw.current(12).handler === ours);
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(heard.sort());
    });
    expect(await child.next()).toBe(true);
    expect(await child.next()).toEqual(['ours', 'ours', 'theirs', 'theirs']);
  });

  test('process.on begins and ends: ours still hears', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      let heard = 0;
      sigbridge.on('SIGUSR2', () => heard++);
      process.once('SIGUSR2', () => undefined);
      process.removeAllListeners('SIGUSR2');
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(heard);
    });
    expect(await child.next()).toBe(1);
  });

  test.each(['before', 'after'])(
    'an addon begins that is loaded %s it: both hear each signal once, from the first one on',
    async (when) => {
      const child = await scenario(
        async ({ sigbridge, require, report, settle, args }) => {
          const load = () =>
            require(args.addon) as { startWatch(n: number): void; count(n: number): number };
          let heard = 0;
          if (args.when === 'before') load();
          sigbridge.on('SIGUSR2', () => heard++);
          const uv = load();
          uv.startWatch(12);
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          report([heard, uv.count(12)]);
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          report([heard, uv.count(12)]);
        },
        { args: { when, addon: fixturePath('uvwatch.node') } },
      );
      expect(await child.next()).toEqual([1, 1]);
      expect(await child.next()).toEqual([2, 2]);
    },
  );

  test('a child is started: its end is heard by both', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      const { spawn } = process.getBuiltinModule('node:child_process');
      const heard = new Promise((done) => sigbridge.on('SIGCHLD', done));
      const started = spawn('true');
      const ended = new Promise((done) => started.once('exit', done));
      await heard;
      report(await ended);
    });
    expect(await child.next()).toBe(0);
  });

  test('every way to take a signal keeps it from libuv', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
      const raw = fixture('raw');
      const ways = [
        () => sigbridge.on('SIGUSR2', () => undefined),
        () => sigbridge.flag('SIGUSR2'),
        () => sigbridge.hold('SIGUSR2'),
        () => sigbridge.notify('SIGUSR2'),
      ];
      for (const way of ways) {
        const taken = way();
        const ours = raw.current(12).handler;
        const listener = () => undefined;
        process.on('SIGUSR2', listener);
        const during = raw.current(12).handler === ours;
        process.removeListener('SIGUSR2', listener);
        report([during, raw.current(12).handler === ours]);
        taken.close();
        await settle();
      }
    });
    expect(await child.exit).toMatchObject({ code: 0 });
    expect(child.reports()).toEqual(Array.from({ length: 4 }, () => [true, true]));
  });
});

test('a turn later nothing of it is left on process', async () => {
  const child = await scenario(async ({ sigbridge, report, settle }) => {
    const look = () => [
      Reflect.get(process, 'dlopen') as unknown,
      ...process.rawListeners('newListener'),
      ...process.rawListeners('removeListener'),
    ];
    const before = look();
    const subscription = sigbridge.on('SIGUSR2', () => undefined);
    await settle();
    report(Reflect.get(process, 'dlopen') === before[0]);
    subscription.close();
    await settle();
    const after = look();
    report(after.length === before.length && after.every((one, at) => one === before[at]));
  });
  expect(await child.next()).toBe(true);
  expect(await child.next()).toBe(true);
});
