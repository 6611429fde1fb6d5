import { expect, test } from '@jest/globals';

import { bits, threads } from './support/kernel';
import { NUMBERED_SIGNAL as RT } from './support/numbered';
import { scenario } from './support/scenario';

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
  const step = async () => {
    expect(await child.next()).toBe('ERR_QUEUE_FULL');
    const masks = blocked(child.pid);
    child.tell();
    return masks;
  };
  const before = await step();
  expect(before.size).toBeGreaterThanOrEqual(9);
  const told = [...before].map(([tid, mask]) => [tid, tid === child.pid ? mask : mask | bits(RT)]);
  expect([...(await step())]).toEqual(told);
  expect(await step()).toEqual(before);
  expect(await child.exit).toMatchObject({ code: 0 });
});
