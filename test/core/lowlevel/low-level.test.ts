import { describe, expect, test } from '@jest/globals';

import { onTerminal } from '../../support/pty';
import { scenario, scenarioCommand } from '../../support/scenario';
import { UNSHARE } from '../../support/unshare';

test('masks are changed, told, and put back', async () => {
  const child = await scenario(({ sigbridge, report }) => {
    const { mask, withBlocked } = sigbridge;
    const start = mask.get();
    report([start, mask.block(['SIGUSR2', 'SIGRTMIN']), mask.get()]);
    report([mask.unblock('SIGUSR2'), mask.get()]);
    report(withBlocked('SIGHUP', () => mask.get()));
    report([mask.set(start), mask.get()]);
  });
  expect(await child.next()).toEqual([[], [], ['SIGUSR2', 'SIGRTMIN']]);
  expect(await child.next()).toEqual([['SIGUSR2', 'SIGRTMIN'], ['SIGRTMIN']]);
  expect(await child.next()).toEqual(['SIGHUP', 'SIGRTMIN']);
  expect(await child.next()).toEqual([['SIGRTMIN'], []]);
  await child.exit;
});

test('wait takes what is queued, in order, and gives up in time', async () => {
  const child = await scenario(({ sigbridge, fixture, report }) => {
    const { mask, raise, wait } = sigbridge;
    mask.block(['SIGUSR2', 'SIGHUP']);
    raise('SIGUSR2');
    const event = wait(['SIGUSR2', 'SIGHUP']);
    report([event?.signal, event?.pid === process.pid]);
    report([wait('SIGHUP', { timeoutMs: 0 }), wait('SIGHUP', { timeoutMs: 5 })]);
    report(fixture('raw').tid());
  });
  expect(await child.next()).toEqual(['SIGUSR2', true]);
  expect(await child.next()).toEqual([null, null]);
  await child.exit;
});

describe('exitBySignal', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2', 'SIGQUIT', 'SIGKILL'] as const)(
    'with %s is a death by it',
    async (signal) => {
      const child = await scenario(
        ({ sigbridge, args }) => {
          sigbridge.mask.block('SIGUSR2');
          sigbridge.exitBySignal(args);
        },
        { args: signal, launcher: ['sh', '-c', 'ulimit -c 0; exec "$0" "$@"'] },
      );
      expect(await child.exit).toMatchObject({ code: null, signal });
    },
  );

  test('restores the terminal', async () => {
    const argv = scenarioCommand(({ sigbridge }) => {
      process.stdin.setRawMode(true);
      sigbridge.exitBySignal('SIGTERM');
    });
    const quoted = argv.map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(' ');
    const terminal = onTerminal(['sh', '-c', `${quoted}; stty -a; echo end`]);
    await terminal.waitFor(/end/);
    expect(terminal.output).toMatch(/[^-]icanon/);
    expect(terminal.output).toMatch(/[^-]isig/);
  });

  test('as PID 1 of a namespace, where the kernel drops it, exits with 128 + n', async () => {
    const child = await scenario(({ sigbridge }) => sigbridge.exitBySignal('SIGTERM'), {
      launcher: [...UNSHARE, '--pid', '--fork', '--mount-proc'],
    });
    expect(await child.exit).toMatchObject({ code: 143, signal: null });
  });
});

test('a group is sent to as a whole', async () => {
  const child = await scenario(async ({ sigbridge, report, require }) => {
    const { spawn } = require('node:child_process') as typeof import('node:child_process');
    const leader = spawn('sh', ['-c', 'sleep 1000 & echo ready; wait'], { detached: true });
    await new Promise((resolve) => leader.stdout.once('data', resolve));
    const ended = new Promise((resolve) => {
      leader.once('close', (_code, signal) => {
        resolve(signal);
      });
    });
    sigbridge.sendGroup(leader.pid ?? 0, 'SIGTERM');
    // Closed only when the sleeper, which has the same output, is gone too.
    report(await ended);
  });
  expect(await child.next()).toBe('SIGTERM');
  await child.exit;
});

test('what a worker cannot have is ERR_UNSUPPORTED, and changes nothing', async () => {
  const child = await scenario(({ sigbridge, report, require }) => {
    const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
    const before = JSON.stringify(sigbridge.inspectAll());
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      try { require(workerData).watchdog(); } catch (error) { parentPort.postMessage(error.code); }`;
    const worker = new Worker(code, { eval: true, workerData: require.resolve('sigbridge') });
    worker.once('message', (answer) => {
      report([answer, JSON.stringify(sigbridge.inspectAll()) === before]);
    });
  });
  expect(await child.next()).toEqual(['ERR_UNSUPPORTED', true]);
  await child.exit;
});
