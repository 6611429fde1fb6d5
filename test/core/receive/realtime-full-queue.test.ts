import { isDeepStrictEqual } from 'node:util';

import { expect, test } from '@jest/globals';

import { bits, threads, until } from '../../support/kernel';
import { NUMBERED_SIGNAL as RT } from '../../support/numbered';
import { scenario } from '../../support/scenario';

/** So many signals may be queued: fewer than any other test leaves of the user's own limit. */
const LIMIT = 64;

/** What each thread of a process blocks. */
function blocked(pid: number): Map<number, bigint> {
  return new Map(threads(pid).map(({ tid, masks }) => [tid, masks.blocked]));
}

test('the other threads hear of a real-time signal though the queue of signals is full', async () => {
  const child = await scenario(
    async ({ args, report, next, require, sigbridge }) => {
      const events = require('node:events') as typeof import('node:events');
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      // The thread pool.
      await (require('node:fs/promises') as typeof import('node:fs/promises')).stat('/');
      const holder = spawn('env', ['--block-signal=RTMIN+1', 'cat'], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      holder.stdin.write('it runs');
      await events.once(holder.stdout, 'data');
      const fill = () => {
        for (;;) {
          try {
            sigbridge.send(holder.pid ?? 0, 'SIGRTMIN+1', { value: 0 });
          } catch (error) {
            return (error as { code: string }).code;
          }
        }
      };
      report(fill());
      await next();
      const subscription = sigbridge.on(args.rt, () => undefined);
      report(fill());
      await next();
      subscription.close();
      report(fill());
      await next();
      holder.kill('SIGKILL');
    },
    { args: { rt: RT }, launcher: ['prlimit', `--sigpending=${LIMIT}`] },
  );
  const full = async () => {
    expect(await child.next()).toBe('ERR_QUEUE_FULL');
  };
  // A thread answers from its handler, and has the handler's mask until it has returned from there.
  const untilBlocked = (masks: Map<number, bigint>, what: string) =>
    until(() => isDeepStrictEqual(blocked(child.pid), masks), what);

  await full();
  const before = blocked(child.pid);
  expect(before.size).toBeGreaterThanOrEqual(9);
  child.tell();

  await full();
  const told = [...before].map(
    ([tid, mask]) => [tid, tid === child.pid ? mask : mask | bits(RT)] as const,
  );
  await untilBlocked(new Map(told), 'all other threads to block the signal');
  child.tell();

  await full();
  await untilBlocked(before, 'all threads to have their masks again');
  child.tell();
  expect(await child.exit).toMatchObject({ code: 0 });
});
