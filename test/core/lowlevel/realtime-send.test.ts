import { describe, expect, test } from '@jest/globals';

import { receiver } from '../../support/fixtures';
import { scenario } from '../../support/scenario';

const RT = 37;

describe('values that are sent', () => {
  test('come one by one, in order, with their sender', async () => {
    const taker = await scenario(
      async ({ sigbridge, report, args }) => {
        const channel = sigbridge.notify(args.rt, { capacity: args.values.length, ref: true });
        report('ready');
        const values: (number | null)[] = [];
        const senders = new Set<unknown>();
        while (values.length < args.values.length) {
          const { value, code, pid, uid } = await channel.take();
          values.push(value);
          senders.add([code, pid, uid].join());
        }
        report([values, [...senders]]);
        channel.close();
      },
      { args: { rt: RT, values: numbers() } },
    );
    await taker.next();
    const sender = await scenario(
      ({ sigbridge, report, args }) => {
        for (const value of args.values) {
          for (;;) {
            try {
              sigbridge.send(args.pid, args.rt, { value });
              break;
            } catch (error) {
              if ((error as { code: string }).code !== 'ERR_QUEUE_FULL') throw error;
            }
          }
        }
        report(process.getuid?.());
      },
      { args: { rt: RT, pid: taker.pid, values: numbers() } },
    );
    const uid = await sender.next<number>();
    const expected = [numbers(), [['SI_QUEUE', sender.pid, uid].join()]];
    expect(await taker.next()).toEqual(expected);
  });

  test('that are no 32-bit integers are refused', async () => {
    const child = await scenario(
      ({ sigbridge, report, require, args }) => {
        const { codesOf } = require('./within.js') as typeof import('../../support/within');
        let heard = 0;
        sigbridge.on(args.rt, () => heard++);
        const bad = [0.5, 2 ** 31, -(2 ** 31) - 1, NaN, Infinity, '1', null, 1n];
        report(
          codesOf(
            bad.map((value) => () => {
              sigbridge.send(process.pid, args.rt, { value: value as number });
            }),
          ),
        );
        report(heard);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual(Array(8).fill('ERR_INVALID_ARG'));
    expect(await child.next()).toBe(0);
  });
});

describe('a full queue', () => {
  const LIMIT = 5;

  test('is an error that says how many may wait; nothing of what was taken is lost', async () => {
    const taker = await receiver(RT, { hold: LIMIT });
    const child = await scenario(
      ({ sigbridge, report, args }) => {
        let sent = 0;
        try {
          for (; ; sent++) sigbridge.send(args.pid, args.rt, { value: sent });
        } catch (error) {
          report([sent, error]);
        }
        // Without a value nothing needs to be queued for a standard signal.
        sigbridge.send(args.pid, 'SIGCONT');
        report('sent');
      },
      { args: { rt: RT, pid: taker.pid } },
    );
    const [sent, error] = await child.next<[number, Error]>();
    expect(sent).toBeLessThanOrEqual(LIMIT);
    expect(error).toMatchObject({
      name: 'SignalError',
      code: 'ERR_QUEUE_FULL',
      signal: 'SIGRTMIN+3',
      syscall: 'sigqueue',
      errno: 11,
    });
    expect(error.message).toBe(
      `sigqueue of SIGRTMIN+3 failed: the queue of signals is full: ${String(LIMIT)} may wait ` +
        '(see RLIMIT_SIGPENDING, ulimit -i) (EAGAIN).',
    );
    expect(await child.next()).toBe('sent');
    expect(await taker.end()).toMatchObject({ received: sent, inversions: 0 });
  });
});

/** Of all sizes and signs. */
function numbers(): number[] {
  const ends = [-(2 ** 31), 2 ** 31 - 1, 0, -1, 1];
  return [...ends, ...Array.from({ length: 500 }, (_, index) => (index * 7919 * 65_537) | 0)];
}
