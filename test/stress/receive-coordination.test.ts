import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import {
  sendOneByOneUntil,
  whileChildrenEnd,
  whileOursComesAndGoes,
  whileProcessOnComesAndGoes,
} from '../support/coming-and-going';
import { fixturePath, type RawAction } from '../support/fixtures';
import { scenario, type Scenario } from '../support/scenario';

const SIGUSR2 = 12;
const SIGHUP = 1;

describe('one signal at a time, from another process', () => {
  test('ours hears each once, while process.on comes and goes 50,000 times', async () => {
    await whileProcessOnComesAndGoes(50_000);
  });

  test('process.on hears each once, while ours comes and goes 50,000 times', async () => {
    await whileOursComesAndGoes(50_000);
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
  await whileChildrenEnd(1000);
});
