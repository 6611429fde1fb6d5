import { describe, expect, test } from '@jest/globals';

import type { RawAction } from '../../support/fixtures';
import { bits, statusMasks, threads, until, untilBlocked } from '../../support/kernel';
import { allOf, NUMBERED_SIGNAL as RT, startFlood } from '../../support/numbered';
import { scenario } from '../../support/scenario';
import type { Tally } from '../../support/tally';

const FIRST = 34;
const LAST = 64;

/** What each thread of a process blocks. */
function blocked(pid: number): Map<number, bigint> {
  return new Map(threads(pid).map(({ tid, masks }) => [tid, masks.blocked]));
}

/** What each should block while the main thread alone takes `signals`. */
function withoutMain(before: Map<number, bigint>, pid: number, ...signals: number[]) {
  return new Map(
    [...before].map(([tid, mask]) => [tid, tid === pid ? mask : mask | bits(...signals)]),
  );
}

describe('the masks of all threads', () => {
  test.each([
    ['the first', [0, 1]],
    ['the second', [1, 0]],
  ])('stand as before when two signals were managed and %s was closed first', async (_, order) => {
    // The last one is what would carry the word to other threads.
    const signals = [RT, LAST];
    const child = await scenario(
      async ({ args, report, next, require, sigbridge }) => {
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const thread = startThread(async ({ report, next }) => {
          report();
          await next();
        });
        await thread.next();
        // The thread pool.
        await (require('node:fs/promises') as typeof import('node:fs/promises')).stat('/');
        report();
        await next();
        const subscriptions = [];
        for (const signal of args.signals) {
          subscriptions.push(sigbridge.on(signal, () => undefined));
          report();
          await next();
        }
        for (const index of args.order) {
          subscriptions[index]?.close();
          report();
          await next();
        }
      },
      { args: { signals, order } },
    );
    const step = async () => {
      if (steps++ > 0) child.tell();
      await child.next();
      const { caught, ignored } = statusMasks(child.pid);
      return { masks: blocked(child.pid), caught, ignored };
    };
    let steps = 0;
    const before = await step();
    expect(before.masks.size).toBeGreaterThanOrEqual(10);
    const managing = (...managed: number[]) => ({
      masks: withoutMain(before.masks, child.pid, ...managed),
      caught: before.caught | bits(...managed),
      ignored: before.ignored,
    });
    expect(await step()).toEqual(managing(RT));
    expect(await step()).toEqual(managing(...signals));
    expect(await step()).toEqual(managing(...signals.filter((_, i) => i !== order[0])));
    expect(await step()).toEqual(before);
  });

  test('stand as before when a worker was the last to listen', async () => {
    const child = await scenario(
      async ({ args, report, next, require, sigbridge }) => {
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const idle = startThread(async ({ report, next }) => {
          report();
          await next();
        });
        await idle.next();
        await (require('node:fs/promises') as typeof import('node:fs/promises')).stat('/');
        report();
        await next();
        const subscription = sigbridge.on(args.rt, () => undefined);
        const threads = Array.from({ length: 4 }, () =>
          startThread(async ({ args, report, next, sigbridge }) => {
            sigbridge.on([args.rt, args.rt + 1], () => undefined);
            report();
            await next();
          }, args),
        );
        for (const thread of threads) await thread.next();
        report();
        await next();
        for (const { worker } of threads.slice(1)) await worker.terminate();
        subscription.close();
        report();
        await next();
        threads[0]?.tell();
        await threads[0]?.ended;
        report();
        await next();
        idle.tell();
      },
      { args: { rt: RT } },
    );
    await child.next();
    const before = blocked(child.pid);
    const step = async () => {
      child.tell();
      await child.next();
      return blocked(child.pid);
    };
    const told = withoutMain(before, child.pid, RT, RT + 1);
    const withWorkers = await step();
    expect(withWorkers.size).toBe(before.size + 4);
    expect(withWorkers).toEqual(withoutMain(withWorkers, child.pid, RT, RT + 1));
    expect(withWorkers).toEqual(new Map([...withWorkers, ...told]));
    const withOne = await step();
    expect(withOne).toEqual(new Map([...withOne, ...told]));
    await step();
    // A thread that was joined may still be seen for a moment.
    await until(() => blocked(child.pid).size === before.size, 'the end of the last worker');
    expect(blocked(child.pid)).toEqual(before);
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});

describe('a thread that blocks', () => {
  test.each([
    ['the signal itself', [RT]],
    ['every signal', Array.from({ length: LAST }, (_, i) => i + 1)],
  ])('%s is not told, and blocks it afterwards', async (_name, block) => {
    const child = await scenario(
      async ({ args, report, next, fixture, sigbridge }) => {
        const raw = fixture('raw');
        const tid = raw.startThread({ block: args.block });
        report(tid);
        await next();
        const subscription = sigbridge.on(args.rt, () => undefined);
        report();
        await next();
        subscription.close();
        report();
        await next();
        raw.endThread(tid);
      },
      { args: { rt: RT, block } },
    );
    const tid = await child.next<number>();
    const before = statusMasks(child.pid, tid);
    expect(before.blocked & bits(RT)).toBe(bits(RT));
    for (let step = 0; step < 2; step++) {
      child.tell();
      await child.next();
      const { blocked, pending } = statusMasks(child.pid, tid);
      expect({ blocked, pending }).toEqual({ blocked: before.blocked, pending: 0n });
    }
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});

describe('a thread that native code starts later', () => {
  test('takes one signal, whole, and leaves the others to the main thread', async () => {
    const child = await scenario(
      async ({ args, report, next, fixture, sigbridge }) => {
        const raw = fixture('raw');
        const subscription = sigbridge.on(args.rt, ({ signal, code, pid, uid }) => {
          report({ signal, code, pid, uid });
        });
        const tid = raw.startThread({});
        raw.sendThread(tid, args.rt);
        report(tid);
        await next();
        subscription.close();
        report();
        await next();
        raw.endThread(tid);
      },
      { args: { rt: RT } },
    );
    const tid = await child.next<number>();
    expect(await child.next()).toEqual({
      signal: 'SIGRTMIN+6',
      code: 'SI_TKILL',
      pid: child.pid,
      uid: process.getuid?.(),
    });
    await untilBlocked(child.pid, RT, tid);
    child.tell();
    await child.next();
    expect(statusMasks(child.pid, tid).blocked).toBe(0n);
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('as a worker, is told although it never loads sigbridge', async () => {
    const child = await scenario(
      async ({ args, report, next, require, sigbridge }) => {
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        const subscription = sigbridge.on(args.rt, () => undefined);
        const thread = startThread(async ({ report, next, fixture }) => {
          report(fixture('raw').tid());
          await next();
        });
        report(await thread.next());
        await next();
        subscription.close();
        report();
        await next();
        thread.tell();
      },
      { args: { rt: RT } },
    );
    const tid = await child.next<number>();
    expect(statusMasks(child.pid, tid).blocked).toBe(bits(RT));
    child.tell();
    await child.next();
    expect(statusMasks(child.pid, tid).blocked).toBe(0n);
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});

describe('the signal that carries the word to other threads', () => {
  const SA_RESTORER = 0x04000000;
  // Without what the C library adds to every action that it sets.
  const plain = (actions: RawAction[]) =>
    actions.map(({ handler, flags, mask }) => ({ handler, mask, flags: flags & ~SA_RESTORER }));

  test('is at its default again after each change', async () => {
    const child = await scenario(
      ({ args, report, fixture, sigbridge }) => {
        const raw = fixture('raw');
        const all = () => Array.from({ length: args.last }, (_, i) => raw.current(i + 1));
        report(all());
        const first = sigbridge.on(args.rt, () => undefined);
        report(all());
        const second = sigbridge.on(args.rt + 1, () => undefined);
        first.close();
        second.close();
        report(all());
      },
      { args: { rt: RT, last: LAST } },
    );
    const before = plain(await child.next());
    const during = plain(await child.next());
    expect(during.map(({ handler }) => handler === '0x0')).toEqual(
      before.map(({ handler }, i) => handler === '0x0' && i + 1 !== RT),
    );
    expect(plain(await child.next())).toEqual(before);
  });

  test.each(['native code', 'sigbridge itself'])(
    'is another one where %s uses every real-time signal',
    async (user) => {
      const child = await scenario(
        async ({ args, report, next, require, fixture, sigbridge }) => {
          const raw = fixture('raw');
          const foreign = fixture('foreign_a');
          const all = () => Array.from({ length: args.last }, (_, i) => raw.current(i + 1));
          const signals = Array.from(
            { length: args.last - args.first + 1 },
            (_, i) => i + args.first,
          );
          const native = args.user === 'native code';
          // Beside a C handler the order would not be kept.
          const others = signals.filter((signal) => signal !== args.rt);
          if (native) for (const signal of others) foreign.install(signal, { siginfo: true });
          await (require('node:fs/promises') as typeof import('node:fs/promises')).stat('/');
          const before = all();
          report();
          await next();
          const listened = native ? [args.rt] : signals;
          const { tally } = require('./tally.js') as typeof import('../../support/tally');
          const further = sigbridge.on(listened, () => undefined);
          const { subscription, settled } = tally(sigbridge.on, args.rt, args.count);
          report(listened);
          await next();
          report(await settled());
          subscription.close();
          further.close();
          report([before, all()]);
          await next();
        },
        { args: { rt: RT, first: FIRST, last: LAST, user, count: 10_000 } },
      );
      await child.next();
      const before = blocked(child.pid);
      child.tell();
      const listened = await child.next<number[]>();
      expect(blocked(child.pid)).toEqual(withoutMain(before, child.pid, ...listened));
      const { pid, result } = startFlood(child.pid, RT, 10_000);
      await result;
      child.tell();
      expect(await child.next<Tally>()).toEqual(allOf(10_000, pid));
      const [actionsBefore, actionsAfter] = await child.next<[RawAction[], RawAction[]]>();
      expect(plain(actionsAfter)).toEqual(plain(actionsBefore));
      expect(blocked(child.pid)).toEqual(before);
      child.tell();
      expect(await child.exit).toMatchObject({ code: 0 });
    },
  );
});

describe('what is executed while real-time signals are listened to', () => {
  const stateIn = (status: string) =>
    Object.fromEntries(
      Array.from(status.matchAll(/^(SigBlk|SigIgn|SigCgt):\t(\w+)$/gm), ([, name, mask]) => [
        String(name),
        BigInt(`0x${String(mask)}`),
      ]),
    ) as Record<string, bigint>;
  const NOTHING = { SigBlk: 0n, SigIgn: 0n, SigCgt: 0n };

  test('by child_process, inherits nothing of it, whichever thread starts it', async () => {
    const child = await scenario(
      async ({ args, report, require, sigbridge }) => {
        const { execFileSync } =
          require('node:child_process') as typeof import('node:child_process');
        const { startThread } = require('./threads.js') as typeof import('../../support/threads');
        sigbridge.on([args.rt, args.rt + 1], () => undefined);
        report(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' }));
        const thread = startThread(({ args, report, require, sigbridge }) => {
          const { execFileSync } =
            require('node:child_process') as typeof import('node:child_process');
          sigbridge.on(args.rt, () => undefined);
          report(execFileSync('cat', ['/proc/self/status'], { encoding: 'utf8' }));
        }, args);
        report(await thread.next());
      },
      { args: { rt: RT } },
    );
    expect(stateIn(await child.next())).toEqual(NOTHING);
    expect(stateIn(await child.next())).toEqual(NOTHING);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('in the place of the process itself, inherits nothing of it', async () => {
    const child = await scenario(
      ({ args, fixture, sigbridge }) => {
        sigbridge.on([args.rt, args.rt + 1], () => undefined);
        fixture('raw').execTo('/bin/cat', ['cat', '/proc/self/status']);
      },
      { args: { rt: RT } },
    );
    const { code, stdout } = await child.exit;
    expect(code).toBe(0);
    // Node's own, which it never gives back: SIGPIPE and SIGXFSZ.
    expect(stateIn(stdout)).toEqual({ ...NOTHING, SigIgn: bits('SIGPIPE', 'SIGXFSZ') });
  });
});

describe('three signals from three processes at once', () => {
  test('arrive whole, each in the order of its sender', async () => {
    const EACH = 5000;
    const signals = [RT, RT + 1, LAST];
    const child = await scenario(
      async ({ args, report, next, require, sigbridge }) => {
        const { tally } = require('./tally.js') as typeof import('../../support/tally');
        const tallies = args.signals.map((signal) => tally(sigbridge.on, signal, 3 * args.each));
        report();
        await next();
        report(await Promise.all(tallies.map(({ settled }) => settled())));
        process.exit();
      },
      { args: { signals, each: EACH } },
    );
    await child.next();
    const floods = signals.map((signal) =>
      [0, 1, 2].map((i) => startFlood(child.pid, signal, EACH, String(i * EACH))),
    );
    await Promise.all(floods.flat().map(({ result }) => result));
    child.tell();
    const tallies = await child.next<Tally[]>();
    const byPid = (a: number, b: number) => a - b;
    expect(tallies.map((tally) => ({ ...tally, senders: tally.senders.sort(byPid) }))).toEqual(
      floods.map((three) => allOf(3 * EACH, ...three.map(({ pid }) => pid).sort(byPid))),
    );
  });
});
