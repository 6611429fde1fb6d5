import fs from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

import { send } from 'sigbridge';

import { threads } from './kernel';
import { NUMBERED_SIGNAL } from './numbered';
import { scenario } from './scenario';
import type { Tally } from './tally';

/** What a thread's ring takes of the address space. */
const RING_KB = (65_536 * 72) / 1024;

/** What must not grow: all that a worker's subscription needs, and more. */
export interface Holdings {
  descriptors: number;
  /** Rings in memory, by the kilobytes of their mappings. */
  rings: number;
  /** What each thread blocks. */
  masks: Record<number, bigint>;
}

export function holdings(pid: number): Holdings {
  const proc = `/proc/${String(pid)}`;
  const smaps = fs.readFileSync(`${proc}/smaps`, 'utf8');
  const sizes = Array.from(smaps.matchAll(/^Size: +(\d+) kB$/gm), ([, size]) => Number(size));
  return {
    descriptors: fs.readdirSync(`${proc}/fd`).length,
    rings: sizes.filter((size) => size === RING_KB).length,
    masks: Object.fromEntries(threads(pid).map(({ tid, masks }) => [tid, masks.blocked])),
  };
}

/** What the main thread saw of the numbers while workers came and went. */
export interface Churn {
  before: Holdings;
  after: Holdings;
  sent: number;
  tally: Tally;
}

/** More than are ever sent. */
const MOST = 50_000_000;

/**
 * Starts workers that listen to a stream of numbers, and terminates each in the midst of it, while
 * the main thread listens too.
 */
export async function churn(rounds: number): Promise<Churn> {
  const child = await scenario(
    async ({ args, report, next, require, sigbridge }) => {
      const { tally } = require('./tally.js') as typeof import('./tally');
      const { startThread } = require('./threads.js') as typeof import('./threads');
      const { settled } = tally(sigbridge.on, args.signal, args.most);
      const cycle = async () => {
        const thread = startThread(({ args, report, sigbridge }) => {
          let first = true;
          sigbridge.on(
            [args.signal, 'SIGUSR2'],
            () => {
              if (first) report();
              first = false;
            },
            { ref: true },
          );
        }, args);
        await thread.next();
        await thread.worker.terminate();
      };
      report('ready');
      // The first one brings what Node itself keeps.
      await cycle();
      report('warm');
      await next();
      for (let round = 0; round < args.rounds; round++) await cycle();
      report('ended');
      report(await settled(await next<number>()));
      await next();
    },
    { args: { signal: NUMBERED_SIGNAL, rounds, most: MOST } },
  );
  await child.next();
  let sent = 0;
  const sendUntilReport = async () => {
    const report = { came: false };
    void child.next().finally(() => (report.came = true));
    while (!report.came) {
      for (let i = 0; i < 50; i++) send(child.pid, NUMBERED_SIGNAL, { value: sent++ });
      await turn();
    }
  };
  await sendUntilReport();
  const before = await atRest(child.pid);
  child.tell();
  await sendUntilReport();
  child.tell(sent);
  const tally = await child.next<Tally>();
  const after = await atRest(child.pid, Object.keys(before.masks).length);
  return { before, after, sent, tally };
}

// A thread that was joined may still be seen for a moment.
async function atRest(pid: number, count?: number): Promise<Holdings> {
  const until = performance.now() + 2000;
  for (;;) {
    const found = holdings(pid);
    const settled = count === undefined || Object.keys(found.masks).length === count;
    if (settled || performance.now() > until) return found;
    await turn();
  }
}
