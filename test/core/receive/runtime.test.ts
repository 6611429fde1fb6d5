import { describe, expect, test } from '@jest/globals';

import { whileChildrenEnd } from '../../support/coming-and-going';
import type { RawAction } from '../../support/fixtures';
import { until } from '../../support/kernel';
import { CTRL_C, onTerminal } from '../../support/pty';
import { scenario, scenarioCommand } from '../../support/scenario';

const SIGINT = 2;
const SIGCHLD = 17;

describe('SIGCHLD beside child_process', () => {
  test('says which child ended and how; child_process hears it too', async () => {
    const child = await scenario(async ({ sigbridge, require, report, settle }) => {
      const { spawn, spawnSync } =
        require('node:child_process') as typeof import('node:child_process');
      const events = require('node:events') as typeof import('node:events');
      const heard: unknown[] = [];
      sigbridge.on('SIGCHLD', ({ code, pid, status }) => heard.push([code, pid, status]));
      for (const script of ['exit 3', 'kill -KILL $$', 'exit 0']) {
        const child = spawn('sh', ['-c', script], { stdio: 'ignore' });
        const end = await events.once(child, 'exit');
        await settle();
        report({ pid: child.pid, end, heard: heard.splice(0) });
      }
      const { pid, status } = spawnSync('sh', ['-c', 'exit 4']);
      await settle();
      report({ pid, end: [status, null], heard: heard.splice(0) });
    });
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
    const expected = [
      { end: [3, null], heard: ['CLD_EXITED', 3] },
      { end: [null, 'SIGKILL'], heard: ['CLD_KILLED', 9] },
      { end: [0, null], heard: ['CLD_EXITED', 0] },
      { end: [4, null], heard: ['CLD_EXITED', 4] },
    ];
    const reports = child.reports() as { pid: number; end: unknown; heard: unknown }[];
    expect(reports).toHaveLength(expected.length);
    for (const [index, { pid, end, heard }] of reports.entries()) {
      expect(end).toEqual(expected[index]?.end);
      const [code, status] = expected[index]?.heard ?? [];
      expect(heard).toEqual([[code, pid, status]]);
    }
  });

  test('loses no exit of many children, nor after the last close', async () => {
    const child = await scenario(async ({ sigbridge, require, report }) => {
      const { exec, spawn } = require('node:child_process') as typeof import('node:child_process');
      const { promisify } = require('node:util') as typeof import('node:util');
      const events = require('node:events') as typeof import('node:events');
      const run = async (count: number) => {
        const ends = Array.from({ length: count }, async (_, index) => {
          const child = spawn('sh', ['-c', `exit ${String(index)}`], { stdio: 'ignore' });
          const [code] = (await events.once(child, 'exit')) as [number];
          return code === index;
        });
        report((await Promise.all(ends)).every(Boolean));
      };
      let heard = 0;
      const subscription = sigbridge.on('SIGCHLD', () => heard++);
      await run(30);
      report(heard > 0);
      report((await promisify(exec)('echo out')).stdout);
      subscription.close();
      report(sigbridge.inspect('SIGCHLD').disposition);
      await run(10);
      report((await promisify(exec)('echo again')).stdout);
    });
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
    expect(child.reports()).toEqual([true, true, 'out\n', 'default', true, 'again\n']);
  });

  // libuv's watcher for child processes is its own affair: it is found among no loop's handles.
  test('opened and closed while a child lives leaves its exit to child_process', async () => {
    const child = await scenario(async ({ sigbridge, require, report, settle }) => {
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const events = require('node:events') as typeof import('node:events');
      const sleeper = () => spawn('sleep', ['1000'], { stdio: 'ignore' });
      const first = sleeper();
      sigbridge.on('SIGCHLD', () => undefined).close();
      report(sigbridge.inspect('SIGCHLD').owner);
      first.kill('SIGTERM');
      report(await events.once(first, 'exit'));

      const subscription = sigbridge.on('SIGCHLD', () => undefined);
      const second = sleeper();
      await settle();
      subscription.close();
      report(sigbridge.inspect('SIGCHLD').owner);
      second.kill('SIGKILL');
      report(await events.once(second, 'exit'));
      await settle();
      report(sigbridge.inspect('SIGCHLD').disposition);
    });
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
    expect(child.reports()).toEqual([
      'libuv',
      [null, 'SIGTERM'],
      'libuv',
      [null, 'SIGKILL'],
      'default',
    ]);
  });

  test('opened and closed again and again while children end: none is missed', async () => {
    await whileChildrenEnd(60);
  });

  test('puts back a C handler that stood before the first child', async () => {
    const child = await scenario(
      async ({ sigbridge, require, fixture, report, settle, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const events = require('node:events') as typeof import('node:events');
        const foreign = fixture('foreign_a');
        const raw = fixture('raw');
        foreign.install(args.SIGCHLD, { siginfo: true, mask: [1] });
        const before = raw.current(args.SIGCHLD);
        let heard = 0;
        const subscription = sigbridge.on('SIGCHLD', () => heard++);
        const child = spawn('sh', ['-c', 'exit 7'], { stdio: 'ignore' });
        const end = await events.once(child, 'exit');
        await settle();
        subscription.close();
        report([before, raw.current(args.SIGCHLD)]);
        report([end, heard, foreign.read(args.SIGCHLD).calls]);
      },
      { args: { SIGCHLD } },
    );
    const [before, after] = await child.next<[RawAction, RawAction]>();
    expect(after).toEqual(before);
    expect(await child.next()).toEqual([[7, null], 1, 1]);
  });
});

describe('SIGWINCH on a terminal', () => {
  test("reaches ours, process.on and stdout's 'resize' alike", async () => {
    const command = scenarioCommand(async ({ sigbridge, report }) => {
      const heard = new Set<string>();
      let wake = (): void => undefined;
      const hear = (who: string) => {
        heard.add(who);
        wake();
      };
      const all = async () => {
        while (heard.size < 3) await new Promise<void>((resolve) => (wake = resolve));
        report(['all', ...[...heard].sort(), ...process.stdout.getWindowSize()]);
        heard.clear();
      };
      process.stdin.resume();
      process.stdout.on('resize', () => {
        hear('resize');
      });
      const subscription = sigbridge.on('SIGWINCH', ({ code }) => {
        hear(`ours by ${code}`);
      });
      process.on('SIGWINCH', () => {
        hear('process.on');
      });
      report('first');
      await all();
      subscription.close();
      heard.add('ours is closed');
      report('second');
      await all();
      process.exit(0);
    });
    const terminal = onTerminal(command, { cols: 60, rows: 10 });
    await terminal.waitFor(/first/);
    terminal.resize(90, 30);
    await terminal.waitFor(/\["all","ours by SI_KERNEL","process.on","resize",90,30\]/);
    await terminal.waitFor(/second/);
    terminal.resize(100, 40);
    await terminal.waitFor(/\["all","ours is closed","process.on","resize",100,40\]/);
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
  });
});

describe("SIGINT, where the runtime's own handler stood", () => {
  test('Ctrl+C is heard and does not end the process; after close it does', async () => {
    const command = scenarioCommand(({ sigbridge, report }) => {
      const before = sigbridge.inspect('SIGINT').handler?.address;
      const subscription = sigbridge.on('SIGINT', ({ code, pid }) => {
        report({ heard: [code, pid] });
        if (++heard === 2) {
          subscription.close();
          const { owner, handler } = sigbridge.inspect('SIGINT');
          report({ then: [owner, handler?.address === before] });
        }
      });
      let heard = 0;
      setInterval(() => undefined, 1e6);
      report({ chain: sigbridge.inspect('SIGINT').chain.map(({ owner }) => owner) });
    });
    const terminal = onTerminal(command);
    await terminal.waitFor(/"chain":\["sigbridge"\]/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/"heard":\["SI_KERNEL",null\]/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/"heard":\["SI_KERNEL",null\]/);
    await terminal.waitFor(/"then":\["runtime",true\]/);
    terminal.write(CTRL_C);
    expect(await terminal.exit).toEqual({ code: 0, signal: SIGINT });
  });

  test('is put back in every field, also with process.on in between', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const raw = fixture('raw');
        const before = raw.current(args.SIGINT);
        const subscription = sigbridge.on('SIGINT', () => undefined);
        process.once('SIGINT', () => undefined);
        process.kill(process.pid, 'SIGINT');
        await settle();
        subscription.close();
        report([before, raw.current(args.SIGINT)]);
        await settle();
        report([before, raw.current(args.SIGINT)]);
        process.kill(process.pid, 'SIGINT');
      },
      { args: { SIGINT } },
    );
    for (let looks = 0; looks < 2; looks++) {
      const [before, after] = await child.next<[RawAction, RawAction]>();
      expect(after).toEqual(before);
    }
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGINT' });
  });
});

describe("SIGUSR1, the inspector's", () => {
  const listen = async (chain: 'native' | 'none') => {
    const child = await scenario(
      async ({ sigbridge, report, next, args }) => {
        const subscription = sigbridge.on(
          'SIGUSR1',
          () => {
            report('heard');
          },
          { chain: args.chain },
        );
        report(sigbridge.inspect('SIGUSR1').chain.map(({ owner }) => owner));
        await next();
        subscription.close();
        report(sigbridge.inspect('SIGUSR1').owner);
        await next();
      },
      { args: { chain }, nodeArgs: ['--inspect-port=127.0.0.1:0'] },
    );
    const owners = await child.next<string[]>();
    child.kill('SIGUSR1');
    expect(await child.next()).toBe('heard');
    return { child, owners };
  };
  const started = (stderr: string): number => stderr.split('Debugger listening on ws:').length - 1;

  test('stays in the chain: the debugger starts, and ours hears', async () => {
    const { child, owners } = await listen('native');
    expect(owners).toEqual(['sigbridge', 'runtime']);
    await until(() => started(child.stderr) > 0, 'the debugger to start');
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test("is left out by chain: 'none', and starts the debugger again after close", async () => {
    const { child, owners } = await listen('none');
    expect(owners).toEqual(['sigbridge']);
    child.tell();
    expect(await child.next()).toBe('runtime');
    expect(child.stderr).toBe('');
    child.kill('SIGUSR1');
    await until(() => started(child.stderr) > 0, 'the debugger to start');
    child.kill('SIGTERM');
    const { signal, stderr } = await child.exit;
    expect(signal).toBe('SIGTERM');
    expect(started(stderr)).toBe(1);
  });
});

describe('a script that Ctrl+C may break', () => {
  test.each(['before', 'after'])(
    'process.on, set %s ours, hears what comes afterwards, as ours does',
    async (when) => {
      const child = await scenario(
        async ({ sigbridge, require, report, settle, args }) => {
          const vm = require('node:vm') as typeof import('node:vm');
          const heard: string[] = [];
          const listen = (): unknown => process.on('SIGINT', () => heard.push('process.on'));
          if (args === 'before') listen();
          sigbridge.on('SIGINT', () => heard.push('ours'));
          if (args === 'after') listen();
          report(vm.runInNewContext('1 + 1', {}, { breakOnSigint: true }));
          process.kill(process.pid, 'SIGINT');
          await settle();
          report(heard.sort());
        },
        { args: when },
      );
      expect(await child.next()).toBe(2);
      expect(await child.next()).toEqual(['ours', 'process.on']);
    },
  );
});

describe('with --trace-sigint', () => {
  test('who listens hears SIGINT, whatever comes and goes beside him; afterwards the script is broken off', async () => {
    const child = await scenario(
      async ({ sigbridge, report, settle }) => {
        let heard = 0;
        let processOn = 0;
        const subscription = sigbridge.on('SIGINT', () => heard++);
        const listener = (): unknown => processOn++;
        const hear = async (): Promise<void> => {
          await settle();
          process.kill(process.pid, 'SIGINT');
          await settle();
          report([heard, processOn]);
        };
        await hear();
        process.on('SIGINT', listener);
        await hear();
        process.off('SIGINT', listener);
        await hear();
        subscription.close();
        await settle();
        setInterval(() => undefined, 1000);
        process.kill(process.pid, 'SIGINT');
      },
      { nodeArgs: ['--trace-sigint'] },
    );
    expect(await child.next()).toEqual([1, 0]);
    expect(await child.next()).toEqual([2, 1]);
    expect(await child.next()).toEqual([3, 1]);
    const { signal, code, stderr } = await child.exit;
    expect(signal ?? code).toBe('SIGINT');
    expect(stderr).toContain('KEYBOARD_INTERRUPT');
  });
});

describe('after the last close', () => {
  test('in a worker nothing of ours is left on its process', async () => {
    const child = await scenario(
      async ({ require, report, args }) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const events = require('node:events') as typeof import('node:events');
        const worker = new Worker(
          `const { parentPort, workerData } = require('node:worker_threads');
          const names = ['exit', 'beforeExit', 'newListener', 'removeListener'];
          const count = () => names.map((name) => process.listenerCount(name));
          const before = count();
          const subscription = require(workerData).on('SIGHUP', () => {});
          const during = count();
          subscription.close();
          const look = () => parentPort.postMessage([before, during, count()]);
          parentPort.once('message', () => setImmediate(setImmediate, look));`,
          { eval: true, workerData: args },
        );
        await events.once(worker, 'online');
        worker.postMessage('look');
        report(await events.once(worker, 'message'));
        await worker.terminate();
      },
      { args: require.resolve('../../../dist/index.js') },
    );
    const [[before, during, after]] = await child.next<[number[][]]>();
    expect(during).toEqual(before);
    expect(after).toEqual(before);
  });

  test('nothing of ours is left on process, whatever was open', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const counts = (): number[] =>
        ['exit', 'beforeExit', 'newListener', 'removeListener'].map((name) =>
          process.listenerCount(name),
        );
      const before = counts();
      const opened = [
        sigbridge.on(['SIGHUP', 'SIGINT'], () => undefined),
        sigbridge.on('SIGHUP', () => undefined),
        sigbridge.notify('SIGUSR2'),
        sigbridge.flag('SIGUSR2'),
        sigbridge.hold('SIGALRM'),
        sigbridge.bridge('SIGTERM'),
        sigbridge.watchdog(),
      ];
      const kept: number[][] = [];
      for (const one of opened) {
        await settle();
        kept.push(counts());
        one.close();
      }
      await settle();
      report({ kept: kept.filter((one) => String(one) !== String(before)) });
      report({ before, after: counts() });
      // And a second time: what process.on has heard of meanwhile is known.
      process.on('SIGHUP', () => {
        report('process.on');
      });
      sigbridge.on('SIGHUP', () => undefined);
      process.kill(process.pid, 'SIGHUP');
      await settle();
    });
    expect(await child.next()).toEqual({ kept: [] });
    const { before, after } = await child.next<{ before: number[]; after: number[] }>();
    expect(after).toEqual(before);
    expect(await child.next()).toBe('process.on');
  });
});
