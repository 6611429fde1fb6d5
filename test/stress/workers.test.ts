import { describe, expect, test } from '@jest/globals';

import { churn, holdings } from '../support/churn';
import { statusMasks, until } from '../support/kernel';
import { allOf, NUMBERED_SIGNAL as RT } from '../support/numbered';
import { scenario } from '../support/scenario';

describe('workers', () => {
  test('a thousand of them, terminated in a stream of numbers, cost the main thread nothing', async () => {
    const { before, after, sent, tally } = await churn(250, 4);
    const { inversions } = tally;
    expect(tally).toEqual({ ...allOf(sent, process.pid), inversions });
    // A thread that is born in a flood may take its first signal before it can be told not to.
    expect(inversions).toBeLessThanOrEqual(1004);
    expect(before.rings).toBe(1);
    expect(after).toEqual(before);
  });

  test('six at once that come and go leave everything as it was', async () => {
    const child = await scenario(
      async ({ args, report, next, require, settle, sigbridge }) => {
        const { startThread } = require('./threads.js') as typeof import('../support/threads');
        const cycles = async () => {
          const threads = Array.from({ length: 6 }, (_, i) =>
            startThread(
              ({ args, sigbridge }) => {
                const { on, send } = sigbridge;
                for (let cycle = 0; cycle < 50; cycle++) {
                  const subscriptions = args.signals.map((signal) => on(signal, () => undefined));
                  send(process.pid, args.signals[cycle % args.signals.length] ?? '');
                  for (const subscription of subscriptions) subscription.close();
                }
              },
              { signals: [...args.signals.slice(i), ...args.signals.slice(0, i)] },
            ),
          );
          for (let cycle = 0; cycle < 50; cycle++) {
            const subscription = sigbridge.on(args.signals, () => undefined);
            await new Promise(setImmediate);
            subscription.close();
          }
          for (const { ended } of threads) if ((await ended) !== 0) report('a worker failed');
        };
        // What has no listener for a moment must not end the process.
        for (const signal of args.signals) sigbridge.ignore(signal);
        await cycles();
        await settle(); // all threads stand still for an instant once libuv is let go
        report('warm');
        await next();
        for (let round = 0; round < 20; round++) await cycles();
        await settle();
        report('ended');
        await next();
      },
      { args: { signals: ['SIGHUP', RT, 'SIGUSR2', RT + 1, 64, 'SIGTERM'] } },
    );
    const seen = () => {
      const { caught, ignored } = statusMasks(child.pid);
      return { ...holdings(child.pid), caught, ignored };
    };
    expect(await child.next()).toBe('warm');
    const before = seen();
    child.tell();
    expect(await child.next()).toBe('ended');
    const count = Object.keys(before.masks).length;
    await until(() => Object.keys(seen().masks).length === count, 'the end of the last worker');
    expect(seen()).toEqual(before);
  });
});
