import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import { fixturePath, type RawAction } from '../support/fixtures';
import { scenario, type Scenario } from '../support/scenario';

const SIGUSR2 = 12;
const SIGHUP = 1;

/** What a scenario tells each time that it has heard a signal. */
interface Heard {
  heard: number;
  cycles: number;
}

// Each is sent when the one before was heard: two at once would be one to the kernel.
async function sendOneByOneUntil(child: Scenario, cycles: number): Promise<void> {
  let last = await child.next<Heard>();
  let sent = 0;
  while (last.cycles < cycles) {
    child.kill('SIGUSR2');
    last = await child.next();
    if (last.heard !== ++sent) break;
  }
  expect(last.heard).toBe(sent);
  expect(sent).toBeGreaterThan(1000);
  child.tell();
  expect(await child.exit).toMatchObject({ code: 0, signal: null });
  expect(child.reports()).toHaveLength(1 + sent);
}

describe('one signal at a time, from another process', () => {
  test('ours hears each once, while process.on comes and goes 50,000 times', async () => {
    const child = await scenario(async ({ sigbridge, report, next, require }) => {
      const { setImmediate: turn } =
        require('node:timers/promises') as typeof import('node:timers/promises');
      let [heard, cycles, told] = [0, 0, false];
      sigbridge.on('SIGUSR2', () => {
        report({ heard: ++heard, cycles });
      });
      report({ heard, cycles });
      void next().then(() => (told = true));
      for (; !told; cycles++) {
        const listener = (): void => undefined;
        process.on('SIGUSR2', listener);
        if (cycles % 3 === 0) await turn();
        process.off('SIGUSR2', listener);
        if (cycles % 3 === 1) await turn();
      }
    });
    await sendOneByOneUntil(child, 50_000);
  });

  test('process.on hears each once, while ours comes and goes 50,000 times', async () => {
    const child = await scenario(async ({ sigbridge, report, next, require }) => {
      const { setImmediate: turn } =
        require('node:timers/promises') as typeof import('node:timers/promises');
      let [heard, cycles, told] = [0, 0, false];
      process.on('SIGUSR2', () => {
        report({ heard: ++heard, cycles });
      });
      report({ heard, cycles });
      void next().then(() => (told = true));
      for (; !told; cycles++) {
        const subscription = sigbridge.on('SIGUSR2', () => undefined);
        if (cycles % 3 === 0) await turn();
        subscription.close();
        if (cycles % 3 === 1) await turn();
      }
    });
    await sendOneByOneUntil(child, 50_000);
  });

  test('a C handler is called once for each, while both come and go 50,000 times', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, next, require, args }) => {
        const { setImmediate: turn } =
          require('node:timers/promises') as typeof import('node:timers/promises');
        const foreign = fixture('foreign_a');
        foreign.install(args.SIGUSR2, { siginfo: true });
        let [told, heard, cycles] = [false, 0, 0];
        report({ heard, cycles });
        void next().then(() => (told = true));
        for (; !told; cycles++) {
          const subscription = sigbridge.on('SIGUSR2', () => undefined);
          const listener = (): void => undefined;
          if (cycles % 2 === 0) process.on('SIGUSR2', listener);
          if (cycles % 3 === 0) await turn();
          process.off('SIGUSR2', listener);
          subscription.close();
          if (cycles % 4 === 0) await turn();
          const { calls } = foreign.read(args.SIGUSR2);
          while (heard < calls) {
            heard++;
            report({ heard, cycles });
          }
        }
      },
      { args: { SIGUSR2 } },
    );
    await sendOneByOneUntil(child, 50_000);
  });
});

// Until it is told to end; of a standard signal only one can be pending.
function storm(child: Scenario, signo: number): () => Promise<void> {
  const argv = [...[child.pid, signo, 1e9, 0].map(String), '--pause-up-to', '20000'];
  const sender = spawn(fixturePath('flood'), argv, { stdio: 'ignore' });
  onTestEnd(() => sender.kill('SIGKILL'));
  return async () => {
    sender.kill('SIGKILL');
    await once(sender, 'exit');
  };
}

describe('in a storm of signals that would end the process by default', () => {
  test.each(['ignore', "a C library's handler"])(
    'nothing is struck where %s stood, while ours and process.on come and go 3,000 times',
    async (before) => {
      const child = await scenario(
        async ({ sigbridge, fixture, report, next, settle, args }) => {
          const foreign = fixture('foreign_a');
          const raw = fixture('raw');
          if (args.before === 'ignore') sigbridge.ignore('SIGHUP');
          else foreign.install(args.SIGHUP, { siginfo: true, mask: [1] });
          const first = raw.current(args.SIGHUP);
          report();
          await next();
          let heard = 0;
          for (let cycle = 0; cycle < 3000 || heard < 100; cycle++) {
            const listener = (): void => undefined;
            const subscription = sigbridge.on('SIGHUP', () => heard++);
            if (cycle % 2 === 0) process.on('SIGHUP', listener);
            if (cycle % 3 === 0) await settle();
            process.off('SIGHUP', listener);
            subscription.close();
            if (cycle % 5 !== 0) await settle();
          }
          await settle();
          report([first, raw.current(args.SIGHUP)]);
          await next(); // Node itself sets every default when it ends
        },
        { args: { before, SIGHUP } },
      );
      await child.next();
      const end = storm(child, SIGHUP);
      child.tell();
      const [first, last] = await child.next<[RawAction, RawAction]>();
      expect(last).toEqual(first);
      await end();
      child.tell();
      expect(await child.exit).toMatchObject({ code: 0, signal: null });
    },
  );
});

test('no end of 1,000 children is missed, while SIGCHLD is managed and given back', async () => {
  const child = await scenario(async ({ sigbridge, require, report }) => {
    const { spawn } = require('node:child_process') as typeof import('node:child_process');
    const events = require('node:events') as typeof import('node:events');
    const { setImmediate: turn } =
      require('node:timers/promises') as typeof import('node:timers/promises');
    const ends: Promise<unknown>[] = [];
    for (let cycle = 0; cycle < 1000; cycle++) {
      ends.push(events.once(spawn('true', { stdio: 'ignore' }), 'exit'));
      const subscription = sigbridge.on('SIGCHLD', () => undefined);
      if (cycle % 2 === 0) await turn();
      subscription.close();
      if (cycle % 3 === 0) await turn();
    }
    report((await Promise.all(ends)).length);
  });
  expect(await child.next()).toBe(1000);
});
