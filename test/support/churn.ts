import fs from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';

import { expect } from '@jest/globals';
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
/** What is on its way at once, far less than a ring takes. */
const PORTION = 2000;

/**
 * In each round, starts workers that listen to a stream of numbers, and terminates them in the midst
 * of it, while the main thread listens too.
 */
export async function churn(rounds: number, atOnce = 1): Promise<Churn> {
  const child = await scenario(
    async ({ args, report, next, require, sigbridge }) => {
      const { tally } = require('./tally.js') as typeof import('./tally');
      const { startThread } = require('./threads.js') as typeof import('./threads');
      const { settled } = tally(sigbridge.on, args.signal, args.most);
      let seen = 0;
      sigbridge.on(args.signal, () => {
        if (++seen % args.portion === 0) report('more');
      });
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
      report('more');
      const round = () => Promise.all(Array.from({ length: args.atOnce }, cycle));
      // The first one brings what Node itself keeps.
      await round();
      report('warm');
      await next();
      for (let count = 0; count < args.rounds; count++) await round();
      report('ended');
      report(await settled(await next<number>()));
      await next();
    },
    { args: { signal: NUMBERED_SIGNAL, rounds, atOnce, most: MOST, portion: PORTION } },
  );
  let sent = 0;
  // Each 'more' is the answer to one portion.
  const sendUntil = async (end: string) => {
    while ((await child.next()) !== end) {
      for (let i = 0; i < PORTION; i++) {
        send(child.pid, NUMBERED_SIGNAL, { value: sent++ });
        if (i % 50 === 0) await turn();
      }
    }
  };
  await sendUntil('warm');
  const before = await atRest(child.pid);
  child.tell();
  await sendUntil('ended');
  child.tell(sent);
  // The last portion was still on its way.
  expect(await child.next()).toBe('more');
  const tally = await child.next<Tally>();
  const after = await atRest(child.pid, Object.keys(before.masks).length);
  return { before, after, sent, tally };
}

// A thread that was joined may still be seen for a moment, and the main thread blocks signals while it takes them.
async function atRest(pid: number, count?: number): Promise<Holdings> {
  const until = performance.now() + 2000;
  for (;;) {
    const found = holdings(pid);
    const counted = count === undefined || Object.keys(found.masks).length === count;
    if ((counted && found.masks[pid] === 0n) || performance.now() > until) return found;
    await turn();
  }
}
