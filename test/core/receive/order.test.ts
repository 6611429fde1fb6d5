import { describe, expect, test } from '@jest/globals';

import { bits, statusMasks, threads, until } from '../../support/kernel';
import { NUMBERED_SIGNAL as RT } from '../../support/numbered';
import { scenario } from '../../support/scenario';

const PATIENCE_MS = 20_000;

describe('a C library that stops its own thread by a real-time signal', () => {
  test.each(['on', 'on without the order', 'notify', 'flag', 'bridge', 'hold'] as const)(
    'goes on doing so beside %s, and afterwards',
    async (how) => {
      const child = await scenario(
        async ({ sigbridge, fixture, report, settle, args }) => {
          const collector = fixture('collector');
          const warnings: string[] = [];
          process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
          const thread = collector.start(args.RT);
          const before = collector.stop(args.RT, args.ms);
          let heard = 0;
          const open = {
            on: () => sigbridge.on(args.RT, () => heard++),
            'on without the order': () => sigbridge.on(args.RT, () => heard++, { ordered: false }),
            notify: () => sigbridge.notify(args.RT),
            flag: () => sigbridge.flag(args.RT),
            bridge: () => sigbridge.bridge(args.RT),
            hold: () => sigbridge.hold(args.RT),
          }[args.how]();
          const beside = collector.stop(args.RT, args.ms);
          await settle();
          const blocking = () => {
            const { threads } = sigbridge.readProcess();
            return threads.filter((each) => each.tid === thread && each.blocked.length > 0).length;
          };
          // The thread may still be on its way out of the handler.
          for (const end = Date.now() + args.ms; blocking() > 0 && Date.now() < end;) {
            await settle();
          }
          const blocked = blocking();
          open.close();
          const afterwards = collector.stop(args.RT, args.ms);
          collector.end();
          report({ before, beside, afterwards, blocked, heard, warnings });
        },
        { args: { RT, how, ms: PATIENCE_MS } },
      );
      const warns = how === 'on' || how === 'notify';
      expect(await child.next()).toEqual({
        before: true,
        beside: true,
        afterwards: true,
        blocked: 0,
        heard: how.startsWith('on') ? 1 : 0,
        warnings: warns
          ? [
              expect.stringMatching(
                /^SignalOrderWarning: SIGRTMIN\+6 .*collector_handler of .*collector.node/,
              ),
            ]
          : [],
      });
      expect(await child.exit).toMatchObject({ code: 0 });
    },
  );

  test('refuses who insists on the order, by name, and nothing has changed', async () => {
    const child = await scenario(
      ({ sigbridge, fixture, report, args }) => {
        const collector = fixture('collector');
        const raw = fixture('raw');
        collector.start(args.RT);
        const before = raw.current(args.RT);
        const refused = (open: () => unknown) => {
          try {
            open();
          } catch (error) {
            const { code, signal, message } = error as InstanceType<typeof sigbridge.SignalError>;
            return { code, signal, message };
          }
          return undefined;
        };
        const insisting = () => sigbridge.on(args.RT, () => undefined, { ordered: true });
        const errors = [
          refused(insisting),
          refused(() => sigbridge.notify(args.RT, { ordered: true })),
        ];
        const unchanged = raw.current(args.RT);
        const listening = sigbridge.on(args.RT, () => undefined, { ordered: false });
        errors.push(refused(insisting));
        const stopped = collector.stop(args.RT, args.ms);
        listening.close();
        const without = sigbridge.on(args.RT, () => undefined, { ordered: true, chain: 'none' });
        without.close();
        collector.end();
        report({ errors, stopped, actions: [before, unchanged, raw.current(args.RT)] });
      },
      { args: { RT, ms: PATIENCE_MS } },
    );
    const { errors, stopped, actions } = await child.next<{
      errors: unknown[];
      stopped: boolean;
      actions: unknown[];
    }>();
    expect(errors).toHaveLength(3);
    for (const error of errors) {
      expect(error).toEqual({
        code: 'ERR_RESERVED_SIGNAL',
        signal: 'SIGRTMIN+6',
        message: expect.stringMatching(/SIGRTMIN\+6 .*collector_handler of .*ordered: false/),
      });
    }
    expect(stopped).toBe(true);
    expect(actions[1]).toEqual(actions[0]);
    expect(actions[2]).toEqual(actions[0]);
  });

  test('that comes to stand below us by reclaim() takes the order away', async () => {
    const child = await scenario(
      ({ sigbridge, fixture, report, args }) => {
        const collector = fixture('collector');
        const subscription = sigbridge.on(args.RT, () => undefined);
        collector.start(args.RT);
        sigbridge.reclaim(args.RT);
        const stopped = collector.stop(args.RT, args.ms);
        const { threads } = sigbridge.readProcess();
        report([stopped, threads.filter(({ blocked }) => blocked.includes('SIGRTMIN+6')).length]);
        subscription.close();
        collector.end();
      },
      { args: { RT, ms: PATIENCE_MS } },
    );
    const [stopped, blocking] = await child.next<[boolean, number]>();
    expect(stopped).toBe(true);
    // The one that starts the inspector blocks everything.
    expect(blocking).toBeLessThanOrEqual(1);
  });
});

describe('threads that native code starts while somebody listens', () => {
  test('are told as soon as one has taken a signal, and that is said', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const raw = fixture('raw');
        const warnings: string[] = [];
        process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
        const values: unknown[] = [];
        const subscription = sigbridge.on(args.RT, ({ value }) => values.push(value));
        const late = [raw.startThread({}), raw.startThread({})];
        const blocking = () => {
          const { threads } = sigbridge.readProcess();
          return threads.filter((each) => late.includes(each.tid) && each.blocked.length > 0)
            .length;
        };
        const before = blocking();
        // So that it is one of them that takes the first one.
        sigbridge.mask.block(args.RT);
        sigbridge.send(process.pid, args.RT, { value: 1 });
        while (blocking() === 0);
        sigbridge.mask.unblock(args.RT);
        while (values.length === 0) await settle();
        const after = blocking();
        sigbridge.send(process.pid, args.RT, { value: 2 });
        while (values.length === 1) await settle();
        subscription.close();
        report({ before, after, afterwards: blocking(), values, warnings });
        for (const tid of late) raw.endThread(tid);
      },
      { args: { RT } },
    );
    expect(await child.next()).toEqual({
      before: 0,
      after: 2,
      afterwards: 0,
      values: [1, 2],
      warnings: [expect.stringMatching(/^SignalOrderWarning: SIGRTMIN\+6 .*a thread that native/)],
    });
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});

describe('what a thread has left to the main thread', () => {
  test('is given back to it though it was deaf during the last close()', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, next, args }) => {
        const collector = fixture('collector');
        report(collector.start(args.other));
        const subscription = sigbridge.on(args.RT, () => undefined);
        report();
        await next();
        collector.setDeaf(true);
        subscription.close();
        collector.setDeaf(false);
        report();
        await next();
        collector.end();
      },
      { args: { RT, other: RT + 1 } },
    );
    const tid = await child.next<number>();
    await child.next();
    expect(statusMasks(child.pid, tid).blocked).toBe(bits(RT));
    child.tell();
    await child.next();
    // Without a further call of anybody's.
    await until(() => statusMasks(child.pid, tid).blocked === 0n, 'the thread to take it again');
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('is given back to the worker of a worker, neither of which loads sigbridge', async () => {
    const child = await scenario(
      async ({ sigbridge, report, next, require, args }) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        report();
        await next();
        const subscription = sigbridge.on(args.RT, () => undefined);
        const worker = new Worker(
          `const { Worker, parentPort } = require('node:worker_threads');
           const inner = new Worker(
             "require('node:worker_threads').parentPort.postMessage(0); setInterval(() => {}, 1e6)",
             { eval: true },
           );
           inner.on('message', () => parentPort.postMessage(0));`,
          { eval: true },
        );
        await new Promise((resolve) => worker.once('message', resolve));
        report();
        await next();
        subscription.close();
        report();
        await next();
        process.exit();
      },
      { args: { RT } },
    );
    const blocking = () =>
      threads(child.pid)
        .filter(({ masks }) => (masks.blocked & bits(RT)) !== 0n)
        .map(({ tid }) => tid);
    await child.next();
    const before = blocking();
    child.tell();
    await child.next();
    expect(threads(child.pid).length - blocking().length).toBe(1);
    child.tell();
    await child.next();
    expect(blocking()).toEqual(before);
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});
