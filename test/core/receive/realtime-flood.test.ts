import { expect, test } from '@jest/globals';

import { bits, threads, until, untilState } from '../../support/kernel';
import { allOf, mark, NUMBERED_SIGNAL as RT, startFlood } from '../../support/numbered';
import { scenario, type Scenario } from '../../support/scenario';
import type { Tally } from '../../support/tally';

const COUNT = 5_000;

/** Whether the kernel's queue is used is known by the processor's registers: of one kind so far. */
const isUsed = process.arch === 'x64';

interface Seen {
  own: string;
  child: string;
  asked: string[];
  turns: number;
}

/** All of it is there when the loop, which waits, goes on. */
async function floodAtOnce(child: Scenario, count: number): Promise<{ pid: number }> {
  await untilState(child.pid, 'S');
  child.kill('SIGSTOP');
  await untilState(child.pid, 'T');
  const { pid, result } = startFlood(child.pid, RT, count);
  await result;
  child.kill('SIGCONT');
  return { pid };
}

test('a flood that finds the loop waiting stays in the queue, in order, and no child and nobody who asks sees that', async () => {
  const child = await scenario(
    async ({ args, report, next, require, sigbridge }) => {
      const { readFileSync } = require('node:fs') as typeof import('node:fs');
      const { execFileSync } = require('node:child_process') as typeof import('node:child_process');
      const { tally } = require('./tally.js') as typeof import('../../support/tally');
      const blockedIn = (status: string) => /SigBlk:\t(.*)/.exec(status)?.[1] ?? '';
      const seen = { own: '', child: '', asked: [] as string[], turns: 0 };
      let events = 0;
      const turn = () => {
        seen.turns++;
        if (events < args.count) setImmediate(turn);
      };
      sigbridge.on(args.rt, () => {
        if (++events !== 100) return;
        setImmediate(turn);
        seen.own = blockedIn(readFileSync(`/proc/self/task/${process.pid}/status`, 'utf8'));
        seen.child = blockedIn(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' }));
        seen.asked = [...sigbridge.mask.get()];
      });
      const { settled } = tally(sigbridge.on, args.rt, args.count);
      report('ready');
      await next();
      report([await settled(), seen]);
      await next();
    },
    { args: { rt: RT, count: COUNT } },
  );
  await child.next();
  const before = threads(child.pid).map(({ masks }) => masks.blocked);
  const { pid } = await floodAtOnce(child, COUNT);
  await until(
    () => threads(child.pid).every(({ masks }) => (masks.shared & bits(RT)) === 0n),
    'the queue to be empty',
  );
  child.tell();
  const [tally, seen] = await child.next<[Tally, Seen]>();
  expect(tally).toEqual(allOf(COUNT, pid));
  expect(BigInt(`0x${seen.own}`) & bits(RT)).toBe(isUsed ? bits(RT) : 0n);
  expect(BigInt(`0x${seen.child}`) & bits(RT)).toBe(0n);
  expect(seen.asked).toEqual([]);
  expect(seen.turns).toBeGreaterThan(0);
  expect(threads(child.pid).map(({ masks }) => masks.blocked)).toEqual(before);
  child.tell();
  expect(await child.exit).toMatchObject({ code: 0 });
});

test('a listener that computes in the midst of a flood keeps no sender waiting, and none is lost', async () => {
  // More than the kernel's queue and the ring hold together: somebody takes them meanwhile.
  const count = 200_000;
  const sent = mark();
  const child = await scenario(
    async ({ args, report, next, require, sigbridge }) => {
      const { tally } = require('./tally.js') as typeof import('../../support/tally');
      const { existsSync } = require('node:fs') as typeof import('node:fs');
      let events = 0;
      const { settled } = tally(sigbridge.on, args.rt, args.count);
      sigbridge.on(args.rt, () => {
        if (++events !== 100) return;
        report('computes');
        while (!existsSync(args.sent));
      });
      report('ready');
      await next();
      report(await settled());
      process.exit();
    },
    { args: { rt: RT, count, sent: sent.path } },
  );
  await child.next();
  const first = await floodAtOnce(child, COUNT);
  expect(await child.next()).toBe('computes');
  const rest = startFlood(child.pid, RT, count - COUNT, String(COUNT));
  await rest.result;
  sent.set();
  child.tell();
  const tally = await child.next<Tally>();
  const { received, coalesced } = tally;
  expect(received + coalesced).toBe(count);
  expect(tally).toEqual({ ...allOf(count, first.pid, rest.pid), received, coalesced });
});
