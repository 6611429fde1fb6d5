import fs from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { allOf, mark, NUMBERED_SIGNAL as RT, startFlood } from '../../support/numbered';
import { scenario } from '../../support/scenario';
import type { Tally } from '../../support/tally';

/** What a thread's ring keeps; the next one of each signal has a place of its own. */
const PLACES = 65_536;
/** In memory, a place with its turn. */
const PLACE_BYTES = 72;

interface Arrival {
  signal: string;
  code: string;
  pid: number;
  coalesced: number;
}

describe('200,000 numbers to a loop that is blocked until the last of them', () => {
  test.each([
    ['when there was room', 1000],
    ['when there was none', 100_000],
  ])('are counted exactly, and a SIGTERM in their midst arrives: %s', async (_when, after) => {
    const sent = mark();
    const child = await scenario(
      async ({ args, report, next, require, sigbridge }) => {
        const { existsSync } = require('node:fs') as typeof import('node:fs');
        const { tally } = require('./tally.js') as typeof import('../../support/tally');
        const terms: Arrival[] = [];
        const folded: [number | null, number][] = [];
        sigbridge.on('SIGTERM', ({ signal, code, pid, coalesced }) => {
          terms.push({ signal, code: code ?? '', pid: pid ?? 0, coalesced });
        });
        sigbridge.on(args.rt, ({ value, coalesced }) => {
          if (coalesced > 0) folded.push([value, coalesced]);
        });
        const warnings: string[] = [];
        process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
        const { settled } = tally(sigbridge.on, args.rt, args.count);
        report('ready');
        while (!existsSync(args.sent));
        await next();
        report([await settled(), terms, folded, warnings]);
        process.exit();
      },
      { args: { rt: RT, count: 200_000, sent: sent.path } },
    );
    await child.next();
    const { pid, result } = startFlood(child.pid, RT, 200_000, '--mix', `SIGTERM@${String(after)}`);
    expect(await result).toMatchObject({ sent: 200_000, refused: 0 });
    sent.set();
    child.tell();
    const [tally, terms, folded, warnings] =
      await child.next<[Tally, Arrival[], [number, number][], string[]]>();

    expect(terms).toEqual([{ signal: 'SIGTERM', code: 'SI_USER', pid, coalesced: 0 }]);
    // The SIGTERM overtakes the numbers that wait in the kernel: it may have a place in the ring.
    const kept = tally.received - 1;
    expect([PLACES - 1, PLACES]).toContain(kept);
    expect(tally).toEqual({
      ...allOf(200_000, pid),
      received: kept + 1,
      coalesced: 199_999 - kept,
    });
    // The first that found no room is kept whole.
    expect(folded).toEqual([[kept, 199_999 - kept]]);
    expect(warnings).toEqual([
      expect.stringMatching(
        `^SignalOverflowWarning: SIGRTMIN\\+6 .* ${String(199_999 - kept)} further arrivals`,
      ),
    ]);
  });
});

describe('a thread that is blocked', () => {
  test('costs another thread nothing', async () => {
    const COUNT = 100_000;
    const PORTION = 20_000;
    const sent = mark();
    const child = await scenario(
      async ({ args, report, require, sigbridge }) => {
        const { tally } = require('./tally.js') as typeof import('../../support/tally');
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const thread = startThread(async ({ args, report, require, sigbridge }) => {
          const { existsSync } = require('node:fs') as typeof import('node:fs');
          const { tally } = require('./tally.js') as typeof import('../../support/tally');
          const { settled } = tally(sigbridge.on, args.rt, args.count);
          report();
          while (!existsSync(args.sent));
          report(await settled());
        }, args);
        await thread.next();
        let seen = 0;
        const { settled } = tally(sigbridge.on, args.rt, args.count);
        sigbridge.on(args.rt, () => {
          if (++seen % args.portion === 0) report('more');
        });
        report('more');
        const blocked = await thread.next<Tally>();
        report([await settled(), blocked]);
        process.exit();
      },
      { args: { rt: RT, count: COUNT, portion: PORTION, sent: sent.path } },
    );
    expect(await child.next()).toBe('more');
    const senders: number[] = [];
    for (let first = 0; first < COUNT; first += PORTION) {
      const { pid, result } = startFlood(child.pid, RT, PORTION, String(first));
      senders.push(pid);
      await result;
      expect(await child.next()).toBe('more');
    }
    sent.set();
    const [free, blocked] = await child.next<[Tally, Tally]>();
    expect(free).toEqual(allOf(COUNT, ...senders));
    expect(blocked).toMatchObject({
      received: PLACES + 1,
      coalesced: COUNT - PLACES - 1,
      lost: 0,
      inversions: 0,
      twice: 0,
      torn: 0,
    });
  });
});

describe('the warning of a loss', () => {
  test('is shown once while somebody listens, and again afterwards', async () => {
    const child = await scenario(
      async ({ args, report, sigbridge }) => {
        const { on, send } = sigbridge;
        const overflow = async () => {
          for (let i = 0; i < args.places + 2; i++) send(process.pid, args.rt, { value: i });
          let events = 0;
          let all = 0;
          await new Promise<void>((resolve) => {
            const counting = on(args.rt, ({ coalesced }) => {
              events++;
              all += 1 + coalesced;
              if (all < args.places + 2) return;
              counting.close();
              resolve();
            });
          });
          report(events);
        };
        for (let i = 0; i < 2; i++) {
          const subscription = on(args.rt, () => undefined, { ref: true });
          await overflow();
          await overflow();
          subscription.close();
        }
      },
      { args: { rt: RT, places: PLACES } },
    );
    const { stderr } = await child.exit;
    expect(child.reports()).toEqual(Array(4).fill(PLACES + 1));
    expect(stderr.match(/SignalOverflowWarning/g)).toHaveLength(2);
  });

  test('is not given for a standard signal, which folds by nature', async () => {
    const child = await scenario(
      async ({ args, report, sigbridge }) => {
        let all = 0;
        let coalesced = 0;
        sigbridge.on('SIGUSR2', (event) => {
          all += 1 + event.coalesced;
          coalesced += event.coalesced;
        });
        for (let i = 0; i < args.places + 5; i++) sigbridge.raise('SIGUSR2');
        while (all < args.places + 5) await new Promise(setImmediate);
        report([all, coalesced]);
      },
      { args: { places: PLACES } },
    );
    expect(await child.next()).toEqual([PLACES + 5, 4]);
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a standard signal in a flood', () => {
  test('is never seen more often than it was sent, and once after the last', async () => {
    const SENT = 20_000;
    const child = await scenario(async ({ report, next, sigbridge }) => {
      let events = 0;
      let all = 0;
      let last = 0n;
      sigbridge.on('SIGUSR2', ({ coalesced, timestamp }) => {
        events++;
        all += 1 + coalesced;
        last = timestamp;
      });
      report();
      const after = await next<bigint>();
      while (last < after) await new Promise(setImmediate);
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
      report([events, all]);
    });
    await child.next();
    for (let i = 1; i < SENT; i++) child.kill('SIGUSR2');
    const after = process.hrtime.bigint();
    child.kill('SIGUSR2');
    child.tell(after);
    const [events, all] = await child.next<[number, number]>();
    expect(events).toBeGreaterThanOrEqual(1);
    expect(all).toBeGreaterThanOrEqual(events);
    expect(all).toBeLessThanOrEqual(SENT);
  });

  test('leaves room for another one', async () => {
    const child = await scenario(async ({ report, next, sigbridge }) => {
      let flooded = 0;
      sigbridge.on('SIGUSR2', () => {
        if (++flooded === 1) report('flooded');
      });
      sigbridge.on('SIGHUP', ({ pid, coalesced }) => {
        report([pid, coalesced, flooded]);
      });
      report('ready');
      await next();
    });
    expect(await child.next()).toBe('ready');
    // Far more than it will come to: it ends with the test.
    startFlood(child.pid, 12, 1_000_000_000).result.catch(() => undefined);
    expect(await child.next()).toBe('flooded');
    for (let flooded = 0; flooded < 1000;) {
      child.kill('SIGHUP');
      const arrival = await child.next<[number, number, number]>();
      expect(arrival).toEqual([process.pid, 0, expect.any(Number)]);
      flooded = arrival[2];
    }
  });
});

describe('the memory of the ring', () => {
  const rings = (pid: number) =>
    fs
      .readFileSync(`/proc/${String(pid)}/smaps`, 'utf8')
      .split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)
      .map((mapping) => ({
        size: Number(/^Size: +(\d+) kB$/m.exec(mapping)?.[1]),
        resident: Number(/^Rss: +(\d+) kB$/m.exec(mapping)?.[1]),
      }))
      .filter(({ size }) => size === (PLACES * PLACE_BYTES) / 1024)
      .map(({ resident }) => resident);

  test('is reserved by the first subscription, and costs only what was used', async () => {
    const child = await scenario(
      async ({ args, report, next, sigbridge }) => {
        report();
        await next();
        let events = 0;
        sigbridge.on(args.rt, () => events++);
        report();
        await next();
        for (let i = 0; i < 1000; i++) sigbridge.send(process.pid, args.rt, { value: i });
        while (events < 1000) await new Promise(setImmediate);
        report();
        await next();
      },
      { args: { rt: RT } },
    );
    await child.next();
    const before = rings(child.pid);
    expect(before).toEqual([]);
    child.tell();
    await child.next();
    expect(rings(child.pid)).toEqual([0]);
    child.tell();
    await child.next();
    const [resident = 0] = rings(child.pid);
    const used = (1000 * PLACE_BYTES) / 1024;
    expect(resident).toBeGreaterThanOrEqual(Math.floor(used));
    expect(resident).toBeLessThan(used + 8);
  });
});
