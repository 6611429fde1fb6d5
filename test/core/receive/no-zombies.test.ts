// Code that wants no zombies ignores SIGCHLD, or has SA_NOCLDWAIT; child_process has to wait for its own.
import { describe, expect, test } from '@jest/globals';

import type { RawAction } from '../../support/fixtures';
import { scenario } from '../../support/scenario';

const SIGCHLD = 17;
const SA_NOCLDWAIT = 2;

describe.each(['ignored', 'SA_NOCLDWAIT'] as const)('where SIGCHLD stands as %s', (how) => {
  test.each(['on', 'notify', 'flag', 'hold', 'bridge', 'watchdog'] as const)(
    'a child of C code leaves no zombie beside %s, and it is put back',
    async (way) => {
      const child = await scenario(
        async ({ sigbridge, fixture, report, settle, args }) => {
          const { SIGCHLD, SA_NOCLDWAIT, how, way } = args;
          const raw = fixture('raw');
          const unruly = fixture('unruly');
          if (how === 'ignored') sigbridge.ignore('SIGCHLD', { force: true });
          else fixture('foreign_a').install(SIGCHLD, { siginfo: true, flags: SA_NOCLDWAIT });
          const before = raw.current(SIGCHLD);
          // -1: there was nothing to wait for.
          const wait = () => unruly.raiseInVfork(0);
          const waited = [wait()];
          let heard = 0;
          const taken = {
            on: () => sigbridge.on('SIGCHLD', () => heard++),
            notify: () => sigbridge.notify('SIGCHLD'),
            flag: () => sigbridge.flag('SIGCHLD'),
            hold: () => sigbridge.hold('SIGCHLD'),
            bridge: () => sigbridge.bridge('SIGCHLD'),
            watchdog: () => sigbridge.watchdog({ signals: 'SIGCHLD' }),
          }[way]();
          waited.push(wait());
          await settle();
          taken.close();
          await settle();
          waited.push(wait());
          report({ waited, heard, before, after: raw.current(SIGCHLD) });
        },
        { args: { SIGCHLD, SA_NOCLDWAIT, how, way } },
      );
      const { before, after, ...seen } = await child.next<Seen>();
      expect(seen).toEqual({ waited: [-1, -1, -1], heard: way === 'on' ? 1 : 0 });
      expect(after).toEqual(before);
    },
  );

  test.each(['without', 'with'] as const)(
    'child_process hears the end of its children, %s sigbridge',
    async (ours) => {
      const child = await scenario(
        async ({ sigbridge, fixture, require, report, settle, args }) => {
          const { SIGCHLD, SA_NOCLDWAIT, how, ours } = args;
          const { spawn, spawnSync } =
            require('node:child_process') as typeof import('node:child_process');
          const events = require('node:events') as typeof import('node:events');
          const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
          let heard = 0;
          const cycle = async (run: () => unknown): Promise<unknown> => {
            if (how === 'ignored') fixture('raw').ignoreSignal(SIGCHLD);
            else fixture('foreign_a').install(SIGCHLD, { siginfo: true, flags: SA_NOCLDWAIT });
            const subscription = ours === 'with' && sigbridge.on('SIGCHLD', () => heard++);
            const result = await run();
            await settle();
            if (subscription) subscription.close();
            await settle();
            return result;
          };
          report(await cycle(() => spawnSync('sh', ['-c', 'exit 3']).status));
          report(await cycle(() => events.once(spawn('sh', ['-c', 'exit 4']), 'exit')));
          const code = `const { status } = require('node:child_process').spawnSync('sh', ['-c', 'exit 5']);
            require('node:worker_threads').parentPort.postMessage(status);`;
          report(await cycle(() => events.once(new Worker(code, { eval: true }), 'message')));
          report(heard);
        },
        { args: { SIGCHLD, SA_NOCLDWAIT, how, ours } },
      );
      expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
      const heard = ours === 'with' ? 3 : 0;
      expect(child.reports()).toEqual([3, [4, null], [5], heard]);
    },
  );
});

interface Seen {
  waited: number[];
  heard: number;
  before: RawAction;
  after: RawAction;
}
