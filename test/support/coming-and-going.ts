// Listeners that come and go while signals arrive, for as many cycles as a test has time for.
import { expect } from '@jest/globals';

import { scenario, type Scenario } from './scenario';

/** What a scenario tells each time that it has heard a signal. */
interface Heard {
  heard: number;
  cycles: number;
}

/** Ours hears each SIGUSR2 once, while `process.on` is called and taken back. */
export async function whileProcessOnComesAndGoes(cycles: number): Promise<void> {
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
  await sendOneByOneUntil(child, cycles);
}

/** `process.on` hears each SIGUSR2 once, while ours is opened and closed. */
export async function whileOursComesAndGoes(cycles: number): Promise<void> {
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
  await sendOneByOneUntil(child, cycles);
}

/** Each is sent when the one before was heard: two at once would be one to the kernel. */
export async function sendOneByOneUntil(child: Scenario, cycles: number): Promise<void> {
  let last = await child.next<Heard>();
  let sent = 0;
  while (last.cycles < cycles || sent < 200) {
    child.kill('SIGUSR2');
    last = await child.next();
    if (last.heard !== ++sent) break;
  }
  expect(last.heard).toBe(sent);
  child.tell();
  expect(await child.exit).toMatchObject({ code: 0, signal: null });
  expect(child.reports()).toHaveLength(1 + sent);
}

/** `child_process` learns of the end of as many children, while SIGCHLD is managed and given back. */
export async function whileChildrenEnd(children: number): Promise<void> {
  const child = await scenario(
    async ({ sigbridge, require, report, args }) => {
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const events = require('node:events') as typeof import('node:events');
      const { setImmediate: turn } =
        require('node:timers/promises') as typeof import('node:timers/promises');
      const ends: Promise<unknown>[] = [];
      for (let cycle = 0; cycle < args.children; cycle++) {
        ends.push(events.once(spawn('true', { stdio: 'ignore' }), 'exit'));
        const subscription = sigbridge.on('SIGCHLD', () => undefined);
        if (cycle % 2 === 0) await turn();
        subscription.close();
        if (cycle % 3 === 0) await turn();
      }
      report((await Promise.all(ends)).length);
    },
    { args: { children } },
  );
  expect(await child.next()).toBe(children);
  expect(await child.exit).toMatchObject({ code: 0 });
}
