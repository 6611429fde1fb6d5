import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import { kill } from '../support/kill';
import { startLoad } from '../support/load';
import { untilGone, untilState } from '../support/kernel';
import { CTRL_C, onTerminal } from '../support/pty';
import { type ScenarioBody, scenario, scenarioCommand } from '../support/scenario';
import { UNSHARE } from '../support/unshare';

type ShutdownModule = typeof import('sigbridge/shutdown');

// Says when it is ready and how it went, on its standard output: whoever started it passes that on.
const program: ScenarioBody<null> = ({ require }) => {
  const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
  const shutdown = createShutdown();
  shutdown.stage('wait', () => new Promise((resolve) => setTimeout(resolve, 200)));
  shutdown.on('end', ({ hurried }) => {
    console.log(`ended ${hurried ? 'in a hurry' : 'in order'}`);
  });
  setInterval(() => undefined, 60_000);
  console.log('ready');
};

const hanging: ScenarioBody<null> = ({ require }) => {
  const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
  createShutdown().stage('hang', () => new Promise(() => undefined));
  setInterval(() => undefined, 60_000);
  console.log('ready');
};

describe('as PID 1 of a namespace', () => {
  test.each([
    ['TERM', 143],
    ['INT', 130],
  ])('SIG%s ends it, with %i', async (signal, status) => {
    const [command, ...argv] = scenarioCommand(
      ({ require, args, report }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        createShutdown({ progress: 'none' }).stage('only', ({ event }) => {
          report([process.pid, event?.signal]);
        });
        setInterval(() => undefined, 60_000);
        spawn('sh', ['-c', `kill -${args} 1`]);
      },
      { args: signal, launcher: [...UNSHARE, '-pf', '--kill-child', '--mount-proc'] },
    );
    const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestEnd(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit') as Promise<[number]>;
    const [output, [code]] = await Promise.all([text(child.stdout), exited]);
    const lines = output.trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ type: 'report', value: [1, `SIG${signal}`] });
    expect(code).toBe(status);
  });
});

describe('on a terminal', () => {
  test('shows a line for each stage with its time, and dies by the Ctrl+C', async () => {
    const terminal = onTerminal(scenarioCommand(program));
    await terminal.waitFor(/ready/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/\nSIGINT: shutting down, 1 stage\r\n/);
    await terminal.waitFor(/ {2}wait +\d+ ms {2}done\r\n/);
    await terminal.waitFor(/shut down in \d+ ms\r\n/);
    await terminal.waitFor(/ended in order/);
    expect(await terminal.exit).toEqual({ code: 0, signal: os.constants.signals.SIGINT });
  });

  test('a second Ctrl+C hurries', async () => {
    const terminal = onTerminal(scenarioCommand(hanging));
    await terminal.waitFor(/ready/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/shutting down/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/No more waiting: a second SIGINT\.\r\n/);
    await terminal.waitFor(/hang +\d+ ms {2}timed out/);
    expect(await terminal.exit).toEqual({ code: 0, signal: os.constants.signals.SIGINT });
  });

  test('ends when the terminal goes away', async () => {
    const file = path.join(folder, 'hangup');
    const terminal = onTerminal(
      scenarioCommand(
        ({ require, args }) => {
          const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          const shutdown = createShutdown();
          const { writeFileSync } = require('node:fs') as typeof import('node:fs');
          shutdown.stage('write', ({ event }) => {
            writeFileSync(args, event?.signal ?? '');
          });
          setInterval(() => undefined, 60_000);
          console.log(`pid ${String(process.pid)}`);
        },
        { args: file },
      ),
    );
    const [, pid] = await terminal.waitFor(/pid (\d+)/);
    terminal.hangUp();
    await untilGone(Number(pid));
    expect(fs.readFileSync(file, 'utf8')).toBe('SIGHUP');
  });
});

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

describe('under npm run', () => {
  // A package of its own, whose script is the program.
  function packageOf(body: ScenarioBody<null>, ...before: string[]): string {
    const words = scenarioCommand(body).map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
    const start = [...before, ...words];
    fs.writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ name: 'program', version: '1.0.0', scripts: { start: start.join(' ') } }),
    );
    return folder;
  }
  const env = { npm_config_update_notifier: 'false', npm_config_loglevel: 'silent' };

  test('one Ctrl+C, which npm passes on as well, is one', async () => {
    const cwd = packageOf(program);
    const terminal = onTerminal(['npm', 'run', 'start'], { cwd, env });
    await terminal.waitFor(/\nready/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/ended in order/);
    const { code, signal } = await terminal.exit;
    expect(code === 130 || signal === os.constants.signals.SIGINT).toBe(true);
  });

  test('a second Ctrl+C hurries', async () => {
    const cwd = packageOf(hanging);
    const terminal = onTerminal(['npm', 'run', 'start'], { cwd, env });
    await terminal.waitFor(/\nready/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/shutting down/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/a second SIGINT/);
    const { code, signal } = await terminal.exit;
    expect(code === 130 || signal === os.constants.signals.SIGINT).toBe(true);
  });

  test('a SIGTERM to npm reaches a program that the script has become', async () => {
    const cwd = packageOf(program, 'exec');
    const terminal = onTerminal(['npm', 'run', 'start'], { cwd, env });
    await terminal.waitFor(/\nready/);
    kill(terminal.pid, 'SIGTERM');
    await terminal.waitFor(/ended in order/);
    const { code, signal } = await terminal.exit;
    expect(code === 143 || signal === os.constants.signals.SIGTERM).toBe(true);
  });
});

describe('child processes', () => {
  test('are passed the signal, waited for, and killed when the time is over', async () => {
    const child = await scenario(({ require, report }) => {
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const { childProcesses, createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const start = (source: string) =>
        spawn(process.execPath, ['-e', `${source}; setInterval(() => {}, 6e4); console.log(1)`], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
      const good = start('process.on("SIGTERM", () => process.exit(7))');
      const stubborn = start('process.on("SIGTERM", () => {})');
      const shutdown = createShutdown({ progress: 'none', exit: false });
      shutdown.stage('good', childProcesses(good));
      shutdown.stage('stubborn', childProcesses([stubborn]), { timeoutMs: 200, after: 'good' });
      good.on('exit', (code) => {
        report(code);
      });
      stubborn.on('exit', (_code, signal) => {
        report(signal);
      });
      shutdown.on('end', ({ stages }) => {
        report(stages.map(({ outcome }) => outcome));
      });
      let ready = 0;
      for (const each of [good, stubborn]) {
        each.stdout.once('data', () => {
          if (++ready === 2) report('ready');
        });
      }
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGTERM');
    expect(await child.next()).toBe(7);
    const rest = [await child.next(), await child.next()];
    expect(rest).toContainEqual(['done', 'timed-out']);
    expect(rest).toContain('SIGKILL');
    child.kill('SIGKILL');
  });
});

describe('under cluster', () => {
  const primary: ScenarioBody<null> = ({ require, report, next }) => {
    const cluster = require('node:cluster') as typeof import('node:cluster').default;
    const { clusterWorkers, createShutdown, httpServer } =
      require('sigbridge/shutdown') as ShutdownModule;
    const shutdown = createShutdown({ progress: 'none' });
    if (cluster.isPrimary) {
      shutdown.stage('workers', clusterWorkers());
      const fork = (): void => {
        cluster.fork().once('listening', ({ port }) => {
          report({ port });
        });
      };
      cluster.on('exit', ({ process: { pid } }, code, signal) => {
        report({ pid, code, signal });
        if (shutdown.ready) fork();
      });
      shutdown.on('end', ({ stages }) => {
        report(stages[0]?.outcome);
      });
      fork();
      fork();
      // Says which worker is to end, one after the other.
      void (async () => {
        for (;;) {
          await next();
          report(Object.values(cluster.workers ?? {})[0]?.process.pid);
        }
      })();
      return;
    }
    const http = require('node:http') as typeof import('node:http');
    const server = http.createServer((_request, response) => {
      setTimeout(() => response.end('ok'), 2);
    });
    shutdown.stage('http', httpServer(server));
    server.listen(0, '127.0.0.1');
  };

  test('a worker takes its leave before it ends, and does not wait long for the answer', async () => {
    const child = await scenario(async ({ require, report, next }) => {
      const cluster = require('node:cluster') as typeof import('node:cluster').default;
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      if (!cluster.isPrimary) {
        createShutdown({ progress: 'none' });
        setInterval(() => undefined, 60_000);
        process.send?.('ready');
        return;
      }
      const seen: unknown[] = [];
      cluster.on('message', ({ process: { pid } }, message) => {
        if (message === 'ready') report(pid);
      });
      cluster.on('disconnect', () => seen.push('disconnect'));
      // Its answer to one that has not waited for it.
      cluster.on('fork', (worker) => worker.on('error', () => undefined));
      cluster.on('exit', ({ exitedAfterDisconnect }, _code, signal) => {
        report([...seen, exitedAfterDisconnect, signal]);
      });
      cluster.fork();
      await next();
      cluster.fork();
      await next();
    });
    const polite = await child.next<number>();
    kill(polite, 'SIGTERM');
    expect(await child.next()).toEqual(['disconnect', true, 'SIGTERM']);
    child.tell();
    const alone = await child.next<number>();
    child.kill('SIGSTOP');
    await untilState(child.pid, 'T');
    kill(alone, 'SIGTERM');
    await untilState(alone, 'Z');
    child.kill('SIGCONT');
    expect(await child.next()).toMatchObject({ 2: true });
    child.kill('SIGKILL');
  });

  test('workers are replaced under load without one failed request; then all end', async () => {
    const child = await scenario(primary);
    const { port } = await child.next<{ port: number }>();
    await child.next();
    const generator = startLoad(port, 8);
    for (let round = 1; round <= 3; round++) {
      await generator.answered(generator.load.good + 100);
      child.tell();
      const pid = await child.next<number>();
      kill(pid, 'SIGTERM');
      expect(await child.next()).toMatchObject({ pid, code: null, signal: 'SIGTERM' });
      expect(await child.next()).toEqual({ port });
    }
    await generator.answered(generator.load.good + 100);
    const { good, ...rest } = generator.stop();
    expect(rest).toEqual({ bad: 0, refused: 0, failures: [], lost: 0 });
    expect(good).toBeGreaterThan(400);
    child.kill('SIGTERM');
    const gone = { code: null, signal: 'SIGTERM' };
    expect([await child.next(), await child.next()]).toMatchObject([gone, gone]);
    expect(await child.next()).toBe('done');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });
});
