import { describe, expect, test } from '@jest/globals';

import { until } from '../support/kernel';
import { CTRL_C, onTerminal } from '../support/pty';
import { scenario, scenarioCommand } from '../support/scenario';

type ShutdownModule = typeof import('sigbridge/shutdown');
type ManagerModule = typeof import('sigbridge/manager');

describe('preStopMs', () => {
  test.each([
    ['SIGTERM', 'process.kill(process.pid, "SIGTERM")', {}, true],
    ['SIGINT', 'process.kill(process.pid, "SIGINT")', {}, false],
    ['a call', 'void shutdown.begin()', {}, false],
    ['a crash', 'setImmediate(() => { throw new Error("kaputt") })', {}, false],
    [
      'SIGINT',
      'process.kill(process.pid, "SIGINT")',
      { preStopSignals: ['SIGINT', 'SIGHUP'] },
      true,
    ],
    ['SIGTERM', 'process.kill(process.pid, "SIGTERM")', { preStopSignals: 'SIGHUP' }, false],
  ])('%s: %s, %o: waits? %s', async (_what, source, options, waits) => {
    const child = await scenario(
      ({ require, report, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({
          progress: 'none',
          totalMs: 3_600_000,
          preStopMs: 3_000_000,
          ...args.options,
        } as object);
        shutdown.stage('only', () => {
          report('stage');
        });
        shutdown.on('begin', () => {
          report('begin');
          setTimeout(() => {
            shutdown.hurry();
          }, 300);
        });
        shutdown.on('hurry', () => {
          report('hurry');
        });
        setInterval(() => undefined, 60_000);
        ((0, eval)(`(shutdown) => { ${args.source} }`) as (given: unknown) => void)(shutdown);
      },
      { args: { source, options } },
    );
    await child.exit;
    expect(child.reports()).toEqual(waits ? ['begin', 'hurry', 'stage'] : ['begin', 'stage']);
  });
});

describe('Ctrl+C', () => {
  test('the first one after a SIGTERM says what the next one does, which then does it', async () => {
    const terminal = onTerminal(
      scenarioCommand(({ require }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        createShutdown().stage('hang', () => new Promise(() => undefined));
        setInterval(() => undefined, 60_000);
        process.kill(process.pid, 'SIGTERM');
      }),
    );
    await terminal.waitFor(/SIGTERM: shutting down, 1 stage/);
    terminal.write(CTRL_C);
    await terminal.waitFor(
      /\^C\r\n {2}SIGINT: shutting down already; another one does not wait for what is left/,
    );
    terminal.write(CTRL_C);
    await terminal.waitFor(/No more waiting: a second SIGINT/);
    await terminal.exit;
  });

  test('the same as a line of JSON', async () => {
    const child = await scenario(({ require }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      createShutdown().stage('hang', () => new Promise(() => undefined));
      setInterval(() => undefined, 60_000);
      process.kill(process.pid, 'SIGHUP');
    });
    await until(() => child.stderr.includes('"begin"'), 'the shutdown');
    child.kill('SIGINT');
    await until(() => child.stderr.includes('"interrupt"'), 'the answer');
    child.kill('SIGINT');
    const { stderr, signal } = await child.exit;
    expect(stderr).toContain('{"shutdown":"interrupt","signal":"SIGINT","message":"shutting down');
    expect(signal).toBe('SIGHUP');
  });
});

describe('one shutdown for a process', () => {
  test('a second one is refused, and the place of the first is named', async () => {
    const child = await scenario(async ({ require, report, sigbridge }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const refused = (): unknown => {
        try {
          createShutdown({ exit: false, progress: 'none' }).close();
          return 'taken';
        } catch (error) {
          return error;
        }
      };
      const before = process.listenerCount('SIGTERM');
      const first = createShutdown({ exit: false, progress: 'none' });
      report(refused());
      first.close();
      report(refused());
      const second = createShutdown({ exit: false, progress: 'none' });
      await second.begin();
      report(refused());
      second.close();
      report([process.listenerCount('SIGTERM') - before, sigbridge.inspect('SIGTERM').owner]);
      // One that is refused for another reason is none.
      const codes: unknown[] = [];
      for (const options of [{ signals: 'SIGKILL' }, { totalMs: 0 }]) {
        try {
          createShutdown(options);
        } catch (error) {
          codes.push((error as { code: unknown }).code);
        }
      }
      report(codes);
      report(refused());
    });
    expect(await child.next()).toMatchObject({
      code: 'ERR_IN_USE',
      message: expect.stringMatching(
        /^This process has a shutdown already, made at .*: add stages to that one, or close\(\) it first\.$/,
      ) as unknown,
    });
    expect(await child.next()).toBe('taken');
    expect(await child.next()).toBe('taken');
    expect(await child.next()).toEqual([0, 'runtime']);
    expect(await child.next()).toEqual(['ERR_UNCATCHABLE', 'ERR_INVALID_ARG']);
    expect(await child.next()).toBe('taken');
    await child.exit;
  });
});

describe('SIGHUP beside a signal manager that handles it', () => {
  const program = async (options: object): Promise<Awaited<ReturnType<typeof scenario>>> => {
    const child = await scenario(
      async ({ require, report, args, next }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
        createShutdown({ progress: 'none', ...args }).on('begin', ({ message }) => {
          report(`ends by ${message}`);
        });
        const manager = createSignalManager({ ref: true });
        const handled = manager.handle(['SIGHUP', 'SIGTERM'], ({ signal }) => {
          report(`handles ${signal}`);
        });
        setInterval(() => undefined, 60_000);
        report('ready');
        await next();
        handled.close();
        report('closed');
      },
      { args: options },
    );
    expect(await child.next()).toBe('ready');
    return child;
  };

  test('reloads, and does not end the program; SIGTERM does', async () => {
    const child = await program({});
    child.kill('SIGHUP');
    expect(await child.next()).toBe('handles SIGHUP');
    child.kill('SIGTERM');
    const both = [await child.next(), await child.next()];
    expect(both.sort()).toEqual(['ends by SIGTERM', 'handles SIGTERM']);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('ends it again when the manager handles it no more', async () => {
    const child = await program({});
    child.tell();
    expect(await child.next()).toBe('closed');
    child.kill('SIGHUP');
    expect(await child.next()).toBe('ends by SIGHUP');
    expect(await child.exit).toMatchObject({ signal: 'SIGHUP' });
  });

  test('ends it where it is named', async () => {
    const child = await program({ signals: ['SIGHUP'] });
    child.kill('SIGHUP');
    const both = [await child.next(), await child.next()];
    expect(both.sort()).toEqual(['ends by SIGHUP', 'handles SIGHUP']);
    expect(await child.exit).toMatchObject({ signal: 'SIGHUP' });
  });
});
