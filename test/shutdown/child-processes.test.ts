import { describe, expect, test } from '@jest/globals';

import { untilGone } from '../support/kernel';
import { scenario } from '../support/scenario';

type ShutdownModule = typeof import('sigbridge/shutdown');

describe('childProcesses()', () => {
  test.each([
    ['', { timeoutMs: undefined, outcome: 'done' }],
    ["process.on('SIGTERM', () => {});", { timeoutMs: 500, outcome: 'timed-out' }],
  ])('ends what a shell has started as well: %s', async (source, { timeoutMs, outcome }) => {
    const child = await scenario(
      ({ require, report, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const { childProcesses, createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const program = `${args.source} setInterval(() => {}, 6e4); console.log(process.pid)`;
        const shell = spawn('"$NODE" -e "$PROGRAM"; true', {
          shell: true,
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { NODE: process.execPath, PROGRAM: program },
        });
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('children', childProcesses(shell), { timeoutMs: args.timeoutMs ?? 60_000 });
        shutdown.on('end', ({ stages }) => {
          report(stages[0]?.outcome);
        });
        shell.stdout.once('data', (pid) => {
          report(Number(pid));
        });
      },
      { args: { source, timeoutMs } },
    );
    const pid = await child.next<number>();
    child.kill('SIGTERM');
    expect(await child.next()).toBe(outcome);
    await untilGone(pid);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });
});
