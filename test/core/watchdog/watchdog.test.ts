import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { send } from 'sigbridge';

import {
  bits,
  statusMasks,
  threads,
  until,
  untilCaught,
  untilGone,
  untilState,
} from '../../support/kernel';
import { CTRL_C, onTerminal } from '../../support/pty';
import { scenario, scenarioCommand } from '../../support/scenario';

/** The name of a fresh file for reports; the system's own folder for such files. */
const reportFile = (): string =>
  path.join(
    os.tmpdir(),
    `sigbridge-watchdog-${process.pid}-${Math.random().toString(36).slice(2)}`,
  );

const reportIn = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
};

/** So many reports, the last of them with its last part. */
async function untilReports(file: string, count: number): Promise<void> {
  const whole = /^native stack\n {2}[#(]/gm;
  await until(() => (reportIn(file).match(whole)?.length ?? 0) >= count, `report ${count}`);
}

/** Time itself is what is tested. */
async function pass(ms: number): Promise<void> {
  const began = performance.now();
  await until(() => performance.now() - began > ms, `${ms} ms`);
}

/** The function of the kernel that the main thread sleeps in: proc_pid_wchan(5). */
async function untilWaitsIn(pid: number, where: RegExp): Promise<void> {
  const waits = (): boolean => where.test(readFileSync(`/proc/${pid}/wchan`, 'utf8'));
  await until(waits, `process ${pid} to wait in ${String(where)}`);
}

describe('a main thread that does not take a signal', () => {
  test('in an endless loop: the report tells the signal, the sender and both stacks', async () => {
    const file = reportFile();
    const child = await scenario(
      ({ sigbridge, report, args, require }) => {
        const { runInThisContext } = require('node:vm') as typeof import('node:vm');
        sigbridge.watchdog({ afterMs: 200, file: args, signals: 'SIGTERM' });
        process.on('SIGTERM', () => undefined);
        Object.assign(globalThis, { report });
        const spin = 'function spin() {\n  for (report("spins"); ; );\n}\n\n  spin();';
        runInThisContext(spin, 'program.js');
      },
      { args: file },
    );
    await child.next();
    const sent = performance.now();
    child.kill('SIGTERM');
    await untilReports(file, 1);
    const elapsed = performance.now() - sent;
    const text = reportIn(file);
    const [, ms] =
      /^sigbridge watchdog: SIGTERM has not been taken for (\d+) ms$/m.exec(text) ?? [];
    expect(Number(ms)).toBeGreaterThanOrEqual(200);
    expect(Number(ms)).toBeLessThanOrEqual(elapsed);
    expect(text).toContain('\n  arrivals since then: 1\n');
    expect(text).toContain(`from process ${process.pid} of user ${process.getuid?.() ?? ''}`);
    expect(text).toMatch(new RegExp(`^main thread ${child.pid}\n {2}state: R`, 'm'));
    expect(text).toMatch(
      /^JavaScript stack\n {2}at spin \(program\.js:2:\d+\)\n {2}at <anonymous> \(program\.js:5:3\)\n/m,
    );
    expect(text).toMatch(
      /^ {2}#0 0x[0-9a-f]+ .+\.node\+0x[0-9a-f]+ \(sigbridge_on_stack_wanted\+0x[0-9a-f]+\)$/m,
    );
    child.kill('SIGKILL');
  });

  test('that four watchdogs report at once: each has both stacks whole, and signals stand as before', async () => {
    const files = [reportFile(), reportFile(), reportFile(), reportFile()];
    const child = await scenario(
      ({ sigbridge, report, args, require }) => {
        const { runInThisContext } = require('node:vm') as typeof import('node:vm');
        for (const file of args) sigbridge.watchdog({ afterMs: 100, file, signals: 'SIGTERM' });
        process.on('SIGTERM', () => undefined);
        // Its orders to other threads borrow signals beside the watchdogs.
        Object.assign(globalThis, { report, sigbridge });
        const spin =
          'function spin() {\n for (report("spins"); ; sigbridge.on(40, () => 0).close());\n}\n\n spin();';
        runInThisContext(spin, 'program.js');
      },
      { args: files },
    );
    await child.next();
    child.kill('SIGTERM');
    for (const file of files) await untilReports(file, 1);
    for (const file of files) {
      const text = reportIn(file);
      expect(text).toMatch(
        /^JavaScript stack\n(?: {2}at .*\n)* {2}at spin \(program\.js:2:\d+\)\n/m,
      );
      expect(text).toMatch(/^native stack\n {2}#0 .*sigbridge_on_stack_wanted/m);
    }
    // All that was borrowed is given back.
    await until(() => (statusMasks(child.pid).caught & bits(62, 63, 64)) === 0n, 'free signals');
    child.kill('SIGKILL');
  });

  test('in Atomics.wait: the report shows the system call, and the program goes on', async () => {
    const file = reportFile();
    const child = await scenario(
      async ({ sigbridge, report, args, next, require }) => {
        const watchdog = sigbridge.watchdog({ afterMs: 50, file: args });
        const words = new Int32Array(new SharedArrayBuffer(4));
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const waker = new Worker(
          `const { workerData } = require('node:worker_threads');
           const fs = require('node:fs');
           const seen = () => { try { return fs.readFileSync(workerData.file, 'utf8'); } catch { return ''; } };
           while (!seen().includes('native stack\\n  #0'));
           Atomics.store(workerData.words, 0, 1); Atomics.notify(workerData.words, 0);`,
          { eval: true, workerData: { words, file: args } },
        );
        await new Promise((resolve) => waker.once('online', resolve));
        let heard = 0;
        const arrived = new Promise<void>((resolve) => {
          sigbridge.on('SIGINT', () => {
            heard++;
            resolve();
          });
        });
        process.kill(process.pid, 'SIGINT');
        Atomics.wait(words, 0, 0);
        await arrived;
        report({ heard, reports: watchdog.reports });
        await next();
      },
      { args: file },
    );
    expect(await child.next()).toEqual({ heard: 1, reports: 1 });
    expect(reportIn(file)).toMatch(/system call: \d+ /);
    child.kill('SIGKILL');
  });

  test('in a blocking native call: the process ends all the same', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const { execFileSync } = require('node:child_process') as typeof import('node:child_process');
      const { openSync } = require('node:fs') as typeof import('node:fs');
      const fifo = `/tmp/sigbridge-fifo-${process.pid}`;
      execFileSync('mkfifo', [fifo]);
      sigbridge.watchdog({ afterMs: 50, then: 'exit' });
      process.on('SIGTERM', () => undefined);
      process.on('exit', () => undefined);
      report(fifo);
      openSync(fifo, 'r'); // waits for a writer
    });
    const fifo = await child.next<string>();
    await untilWaitsIn(child.pid, /wait_for_partner/);
    child.kill('SIGTERM');
    const exit = await child.exit;
    expect(exit.signal).toBe('SIGTERM');
    expect(exit.stderr).toMatch(/system call: \d+ /);
    expect(exit.stderr).toMatch(
      /^ {2}#\d+ 0x[0-9a-f]+ \S+\+0x[0-9a-f]+ \(uv_fs_open\+0x[0-9a-f]+\)$/m,
    );
    rmSync(fifo);
  });

  test('twice, at two places: each report shows its own, and the program goes on', async () => {
    const file = reportFile();
    const child = await scenario(
      async ({ sigbridge, report, args, next, require }) => {
        const { execFileSync } =
          require('node:child_process') as typeof import('node:child_process');
        const { openSync, readSync, rmSync } = require('node:fs') as typeof import('node:fs');
        const watchdog = sigbridge.watchdog({ afterMs: 50, file: args });
        let heard = 0;
        process.on('SIGTERM', () => heard++);
        const fifo = `/tmp/sigbridge-fifo-${process.pid}`;
        execFileSync('mkfifo', [fifo]);
        report(fifo);
        await next();
        // A read that is interrupted, rather than begun again, throws EINTR.
        readSync(openSync(fifo, 'r+'), Buffer.alloc(1));
        while (heard < 1) await new Promise((resolve) => setImmediate(resolve));
        report('read');
        await next();
        rmSync(fifo);
        execFileSync('mkfifo', [fifo]);
        report('again');
        openSync(fifo, 'r');
        while (heard < 2) await new Promise((resolve) => setImmediate(resolve));
        rmSync(fifo);
        report({ reports: watchdog.reports, borrowed: sigbridge.inspect('SIGRTMAX').disposition });
        await next();
      },
      { args: file },
    );
    const fifo = await child.next<string>();
    child.tell('read');
    await untilWaitsIn(child.pid, /pipe_read/);
    child.kill('SIGTERM');
    await untilReports(file, 1);
    writeFileSync(fifo, 'x');
    expect(await child.next()).toBe('read');
    child.tell('open');
    expect(await child.next()).toBe('again');
    await untilWaitsIn(child.pid, /wait_for_partner/);
    child.kill('SIGTERM');
    await untilReports(file, 2);
    closeSync(openSync(fifo, 'w'));
    expect(await child.next()).toEqual({ reports: 2, borrowed: 'default' });
    const [first = '', second = '', ...more] = reportIn(file).split('sigbridge watchdog').slice(1);
    expect(more).toEqual([]);
    expect([first.includes('(uv_fs_read+'), first.includes('(uv_fs_open+')]).toEqual([true, false]);
    expect([second.includes('(uv_fs_read+'), second.includes('(uv_fs_open+')]).toEqual([
      false,
      true,
    ]);
    child.kill('SIGKILL');
    rmSync(file);
  });

  test('again and again, each as soon as the last was taken, to a watching thread that gets hardly any time', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { execFileSync, spawn } =
        require('node:child_process') as typeof import('node:child_process');
      const { readdirSync } = require('node:fs') as typeof import('node:fs');
      const threads = (): string[] => readdirSync('/proc/self/task');
      const before = threads();
      const watchdog = sigbridge.watchdog({ afterMs: 50, file: '/dev/null' });
      const [watching = ''] = threads().filter((tid) => !before.includes(tid));
      execFileSync('chrt', ['--idle', '--pid', '0', watching]);
      const hog = spawn('yes', { stdio: 'ignore' });
      let heard = 0;
      process.on('SIGTERM', () => heard++);
      for (let round = 1; round <= 2; round++) {
        process.kill(process.pid, 'SIGTERM');
        const deadline = performance.now() + 10_000;
        while (watchdog.reports < round && performance.now() < deadline);
        while (heard < round) await new Promise((resolve) => setImmediate(resolve));
      }
      hog.kill('SIGKILL');
      report(watchdog.reports);
    });
    expect(await child.next()).toBe(2);
  });

  test('with every real-time signal in use: no signal is borrowed', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const realtime = sigbridge
        .inspectAll()
        .filter(({ traits }) => traits.realtime && traits.reservedFor === null)
        .map(({ number }) => number);
      sigbridge.on(realtime, () => undefined);
      sigbridge.watchdog({ afterMs: 50, then: 'exit', signals: 'SIGRTMIN+5' });
      report('ready');
      for (;;);
    });
    await child.next();
    send(child.pid, 'SIGRTMIN+5', { value: 7 });
    const { stderr } = await child.exit;
    expect(stderr).toContain(`watchdog: SIGRTMIN+5 has not been taken for `);
    expect(stderr).toContain(` ms\n  code -1, from process ${process.pid} of user`);
    expect(stderr).toMatch(/native stack\n {2}\(every real-time signal is in use\)\n$/);
  });

  test.each([
    ['exit', 'SIGTERM'],
    ['abort', 'SIGABRT'],
  ] as const)('then %s: the process ends by %s', async (then, ending) => {
    const child = await scenario(
      ({ sigbridge, report, args }) => {
        sigbridge.watchdog({ afterMs: 50, then: args as 'exit' });
        process.on('SIGTERM', () => undefined);
        report('ready');
        for (;;);
      },
      { args: then, launcher: ['sh', '-c', 'ulimit -c 0; exec "$0" "$@"'] },
    );
    await child.next();
    child.kill('SIGTERM');
    const exit = await child.exit;
    expect(exit.signal).toBe(ending);
    expect(exit.stderr).toContain('SIGTERM has not been taken');
  });

  test('a second Ctrl+C ends it at once, long before the time is up', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      sigbridge.watchdog({ afterMs: 3_600_000, secondSignal: 'exit' });
      process.on('SIGINT', () => undefined);
      report('ready');
      for (;;);
    });
    await child.next();
    child.kill('SIGINT');
    child.kill('SIGINT');
    // The kernel folds two that come before the first is handled.
    await until(() => {
      try {
        child.kill('SIGINT');
        return false;
      } catch {
        return true;
      }
    }, 'the end of the child');
    expect((await child.exit).signal).toBe('SIGINT');
  });

  test('a second one ends it also when the first has been reported, once', async () => {
    const file = reportFile();
    const child = await scenario(
      ({ sigbridge, report, args }) => {
        sigbridge.watchdog({ afterMs: 50, secondSignal: 'exit', file: args });
        process.on('SIGINT', () => undefined);
        report('ready');
        for (;;);
      },
      { args: file },
    );
    await child.next();
    child.kill('SIGINT');
    await untilReports(file, 1);
    child.kill('SIGINT');
    expect((await child.exit).signal).toBe('SIGINT');
    expect(reportIn(file).match(/sigbridge watchdog/g)).toHaveLength(1);
    rmSync(file);
  });
});

describe('a second Ctrl+C on a terminal', () => {
  test.each(['an endless loop', 'Atomics.wait', 'a blocking native call'])(
    'ends the process in %s',
    async (where) => {
      const terminal = onTerminal(
        scenarioCommand(
          ({ sigbridge, report, args, require }) => {
            sigbridge.watchdog({ afterMs: 3_600_000, secondSignal: 'exit' });
            process.on('SIGINT', () => undefined);
            const { openSync } = require('node:fs') as typeof import('node:fs');
            const stuck: Record<string, () => void> = {
              'an endless loop': () => {
                for (;;);
              },
              'Atomics.wait': () => {
                Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
              },
              // Its own terminal, which nobody types a line on.
              'a blocking native call': () => {
                (require('node:fs') as typeof import('node:fs')).readSync(
                  openSync('/dev/tty', 'r'),
                  Buffer.alloc(1),
                );
              },
            };
            report('stuck');
            stuck[args]?.();
          },
          { args: where },
        ),
      );
      await terminal.waitFor(/stuck/);
      terminal.write(CTRL_C);
      // Echoed when the signal has been sent; taken when it is not pending: two at once would be one.
      await terminal.waitFor(/\^C/);
      await until(() => (statusMasks(terminal.pid).shared & bits('SIGINT')) === 0n, 'the handler');
      terminal.write(CTRL_C);
      // The kernel names no sender.
      await terminal.waitFor(
        /SIGINT has not been taken for \d+ ms\r\n {2}code 128\r\n {2}arrivals since then: 2\r\n/,
      );
      expect(await terminal.exit).toEqual({ code: 0, signal: os.constants.signals.SIGINT });
    },
  );
});

describe('a watchdog', () => {
  test('does not change what a signal does that nobody listens to', async () => {
    const child = await scenario(async ({ sigbridge, report, next }) => {
      sigbridge.watchdog({ signals: ['SIGTERM', 'SIGUSR2'] });
      report('ready');
      await next();
    });
    await child.next();
    await untilCaught(child.pid, 'SIGUSR2');
    child.kill('SIGUSR2');
    expect(await child.exit).toMatchObject({ signal: 'SIGUSR2', stderr: '' });
  });

  test('says nothing of a process that was stopped, and then goes on', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { execFileSync } = require('node:child_process') as typeof import('node:child_process');
      const { openSync, readSync } = require('node:fs') as typeof import('node:fs');
      const fifo = `/tmp/sigbridge-fifo-${process.pid}`;
      execFileSync('mkfifo', [fifo]);
      const watchdog = sigbridge.watchdog({ afterMs: 1_000 });
      const arrived = sigbridge.once('SIGTERM', { ref: true });
      report(fifo);
      readSync(openSync(fifo, 'r+'), Buffer.alloc(1));
      await arrived;
      report(watchdog.reports);
    });
    const fifo = await child.next<string>();
    await untilWaitsIn(child.pid, /pipe_read/);
    child.kill('SIGTERM');
    await until(() => (statusMasks(child.pid).shared & bits('SIGTERM')) === 0n, 'the handler');
    child.kill('SIGSTOP');
    await untilState(child.pid, 'T');
    await pass(1_200);
    child.kill('SIGCONT');
    await pass(100);
    writeFileSync(fifo, 'x');
    expect(await child.next()).toBe(0);
    expect((await child.exit).stderr).toBe('');
    rmSync(fifo);
  });

  test('gives a stuck process that was stopped its time again, and then reports', async () => {
    const file = reportFile();
    const child = await scenario(
      ({ sigbridge, report, args }) => {
        sigbridge.watchdog({ afterMs: 300, file: args });
        process.on('SIGTERM', () => undefined);
        report('ready');
        for (;;);
      },
      { args: file },
    );
    await child.next();
    child.kill('SIGSTOP');
    await untilState(child.pid, 'T');
    const sender = spawnSync('sh', ['-c', `kill -TERM ${child.pid}`]);
    await pass(600);
    expect(reportIn(file)).toBe('');
    child.kill('SIGCONT');
    await untilReports(file, 1);
    expect(reportIn(file)).toMatch(/^sigbridge watchdog: SIGTERM has not been taken for \d+ ms$/m);
    // It has ended: its name is not to be had.
    const from = `from process ${sender.pid} of user ${process.getuid?.() ?? ''} (?)`;
    expect(reportIn(file)).toContain(from);
    child.kill('SIGKILL');
    rmSync(file);
  });

  test('has a thread from the first call to close(), and leaves nothing behind', async () => {
    const child = await scenario(async ({ sigbridge, report, next }) => {
      const before = sigbridge.inspect('SIGTERM');
      report(before.owner);
      await next();
      const watchdog = sigbridge.watchdog();
      report(sigbridge.inspect('SIGTERM').owner);
      await next();
      watchdog.close();
      report(sigbridge.inspect('SIGTERM').owner);
      await next();
    });
    expect(await child.next()).toBe('runtime');
    const count = (): number => threads(child.pid).length;
    const idle = threads(child.pid).map(({ tid }) => tid);
    child.tell('go');
    expect(await child.next()).toBe('sigbridge');
    const added = threads(child.pid).filter(({ tid }) => !idle.includes(tid));
    // The C library keeps 32 and 33 for itself.
    const all = (1n << 64n) - 1n - bits('SIGKILL', 'SIGSTOP', 32, 33);
    expect(added.map(({ masks }) => masks.blocked & all)).toEqual([all]);
    child.tell('close');
    expect(await child.next()).toBe('runtime');
    await until(() => count() === idle.length, 'the end of the thread');
    child.kill('SIGTERM');
    expect((await child.exit).signal).toBe('SIGTERM');
    await untilGone(child.pid);
  });

  test('that is closed while it waits does not wait on, and says nothing', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const { readdirSync, readFileSync } = require('node:fs') as typeof import('node:fs');
      const tasks = '/proc/self/task';
      const before = readdirSync(tasks);
      const watchdog = sigbridge.watchdog({ afterMs: 3_600_000, signals: 'SIGTERM' });
      const own = readdirSync(tasks).find((tid) => !before.includes(tid)) ?? '';
      // It wakes again and again when it counts its time, and else never.
      const wakes = (): number =>
        Number(
          /^voluntary_ctxt_switches:\s*(\d+)/m.exec(
            readFileSync(`${tasks}/${own}/status`, 'utf8'),
          )?.[1],
        );
      process.on('SIGTERM', () => undefined);
      sigbridge.raise('SIGTERM');
      for (const asleep = wakes(); wakes() < asleep + 4;);
      watchdog.close();
      report(watchdog.reports);
      process.exit();
    });
    expect(await child.next()).toBe(0);
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
  });

  test('in a worker says that it is for the main thread', async () => {
    const child = await scenario(({ report, require }) => {
      const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
      const source = `try { require(${JSON.stringify(require.resolve('sigbridge'))}).watchdog(); } catch ({ code, message }) {
        require('node:worker_threads').parentPort.postMessage({ code, message });
      }`;
      new Worker(source, { eval: true }).on('message', report);
    });
    expect(await child.next()).toEqual({
      code: 'ERR_UNSUPPORTED',
      message:
        'watchdog() in a worker is not supported here: it looks at the main thread; call it there.',
    });
    await child.exit;
  });

  test('refuses what it cannot do, and changes nothing', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const before = sigbridge.inspect('SIGTERM').handler?.address;
      const codeOf = (options: object): unknown => {
        try {
          sigbridge.watchdog(options);
          return 'no error';
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      report([
        codeOf({ afterMs: 0 }),
        codeOf({ afterMs: NaN }),
        codeOf({ then: 'explode' }),
        codeOf({ secondSignal: 'report' }),
        codeOf({ signals: 'SIGKILL' }),
        codeOf({ signals: 'SIGSEGV' }),
        codeOf({ file: '/nonexistent/folder/file' }),
      ]);
      report(sigbridge.inspect('SIGTERM').handler?.address === before);
    });
    expect(await child.next()).toEqual([
      ...['ERR_INVALID_ARG', 'ERR_INVALID_ARG', 'ERR_INVALID_ARG', 'ERR_INVALID_ARG'],
      ...['ERR_UNCATCHABLE', 'ERR_SYNCHRONOUS_SIGNAL', 'ENOENT'],
    ]);
    expect(await child.next()).toBe(true);
    await child.exit;
  });
});
