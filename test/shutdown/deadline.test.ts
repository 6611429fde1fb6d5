import { once } from 'node:events';

import { describe, expect, test } from '@jest/globals';

import { kill } from '../support/kill';
import { threads } from '../support/kernel';
import { scenario, scenarioCommand } from '../support/scenario';
import { startUnread } from '../support/unread';

type ShutdownModule = typeof import('sigbridge/shutdown');

const STUCK: [where: string, source: string, stack: RegExp][] = [
  ['an endless loop', 'for (;;);', /at stuck \(/],
  ['Atomics.wait()', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)', /at stuck \(/],
  [
    'execSync()',
    // As long as the program lives.
    'require("node:child_process").execSync("while kill -0 $PPID; do sleep 0.1; done", { stdio: "ignore" })',
    /not to be had/,
  ],
];

describe('a shutdown that never gives the event loop back', () => {
  test.each(STUCK)(
    'a stage, in %s: ended by the signal, with a report',
    async (_where, source, stack) => {
      const child = await scenario(
        ({ require, report, args }) => {
          const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          const shutdown = createShutdown({ totalMs: 100, progress: 'none' });
          const stuck = (0, eval)(`(require) => function stuck() { ${args} }`) as (
            from: unknown,
          ) => () => void;
          shutdown.stage('export', stuck(require));
          shutdown.stage('beside', () => new Promise(() => undefined), { before: 'export' });
          setInterval(() => undefined, 60_000);
          report('ready');
        },
        { args: source },
      );
      await child.next();
      child.kill('SIGINT');
      const { signal, stderr } = await child.exit;
      expect(signal).toBe('SIGINT');
      expect(stderr).toMatch(
        /^sigbridge shutdown: not ended after 1100 ms, ended by SIGINT from outside JavaScript\nrunning: the stage export\nmain thread \d+\n/,
      );
      expect(stderr).toMatch(stack);
      expect(stderr).toMatch(/\nnative stack\n {2}#0 /);
    },
  );

  test.each([
    ['an exit listener', 'process.on("exit", () => { for (;;); })', 'the end of the process'],
    ['onEnd()', 'shutdown.onEnd(() => { for (;;); })', 'what was given to onEnd()'],
    ['a listener of begin', 'shutdown.on("begin", () => { for (;;); })', null],
  ])('%s: ended too', async (_where, source, running) => {
    const child = await scenario(
      ({ require, report, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ totalMs: 100, progress: 'none' });
        ((0, eval)(`(shutdown) => { ${args} }`) as (given: unknown) => void)(shutdown);
        setInterval(() => undefined, 60_000);
        report('ready');
      },
      { args: source },
    );
    await child.next();
    child.kill('SIGTERM');
    const { signal, stderr } = await child.exit;
    expect(signal).toBe('SIGTERM');
    if (running !== null) expect(stderr).toContain(`\nrunning: ${running}\n`);
    else expect(stderr).not.toContain('running: ');
  });

  test.each([
    ['a call', 'void shutdown.begin()', 1],
    ['a crash', 'setImmediate(() => { throw new Error("kaputt") })', 1],
  ])('begun by %s: ended with an exit code', async (_what, source, code) => {
    const child = await scenario(
      ({ require, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ totalMs: 100, progress: 'none', exitCode: 0 });
        shutdown.stage('stuck', () => {
          for (;;);
        });
        ((0, eval)(`(shutdown) => { ${args} }`) as (given: unknown) => void)(shutdown);
      },
      { args: source },
    );
    const exit = await child.exit;
    expect(exit).toMatchObject({ code, signal: null });
    expect(exit.stderr).toContain('not ended after 1100 ms, ended with exit code 1');
  });

  test('nobody reads its report: ended all the same', async () => {
    const { child, told } = startUnread(
      scenarioCommand(
        ({ require, report }) => {
          const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          const { writeSync } = require('node:fs') as typeof import('node:fs');
          const shutdown = createShutdown({ totalMs: 100, progress: 'none' });
          shutdown.stage('stuck', () => {
            // The pipe is full, and the write waits for its reader.
            for (;;) writeSync(2, 'x'.repeat(65_536));
          });
          setInterval(() => undefined, 60_000);
          report('ready');
        },
        {},
        3,
      ),
    );
    await told('ready');
    const exited = once(child, 'exit');
    kill(child.pid, 'SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
  });
});

describe('the watching thread', () => {
  test('is there from the moment a shutdown begins, and not before', async () => {
    const child = await scenario(async ({ require, report, next }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      report('before');
      await next();
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('wait', async () => {
        report('begun');
        await next();
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    await child.next();
    const count = (): number => threads(child.pid).length;
    const before = count();
    child.tell();
    await child.next();
    expect(count()).toBe(before);
    child.kill('SIGTERM');
    await child.next();
    expect(count()).toBe(before + 1);
    child.tell();
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

  test('is not there where the process is to go on', async () => {
    const child = await scenario(async ({ require, report, next }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', exit: false });
      report('before');
      await next();
      shutdown.stage('wait', async () => {
        report('begun');
        await next();
      });
      await shutdown.begin();
      report('ended');
    });
    await child.next();
    const before = threads(child.pid).length;
    child.tell();
    expect(await child.next()).toBe('begun');
    expect(threads(child.pid)).toHaveLength(before);
    child.tell();
    expect(await child.next()).toBe('ended');
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});
