import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../../support/cleanup';
import { bits, statusMasks, until } from '../../support/kernel';
import { kill } from '../../support/kill';
import { onTerminal } from '../../support/pty';
import { SIGBRIDGE, toEnd, WAYS } from '../../support/run';
import { type Inside, type Scenario, scenario } from '../../support/scenario';

const KEEP = [SIGBRIDGE, 'run', '--keep'] as const;
const NODE_IGNORES = bits('SIGPIPE', 'SIGXFSZ');

async function answers({ next, report }: Inside<unknown>): Promise<void> {
  for (;;) report(await next());
}

/** Whether it is alive after a signal: it answers, or how it died. */
async function after(signal: NodeJS.Signals, child: Scenario): Promise<unknown> {
  child.kill(signal);
  child.tell('alive');
  return Promise.race([child.next(), child.exit.then((exit) => exit.signal)]);
}

describe('under nohup', () => {
  test('node dies of SIGHUP, and with --keep it does not', async () => {
    const plain = await scenario(answers, { launcher: ['nohup'] });
    expect(await after('SIGHUP', plain)).toBe('SIGHUP');
    const without = await scenario(answers, { launcher: ['nohup', SIGBRIDGE, 'run', '--'] });
    expect(await after('SIGHUP', without)).toBe('SIGHUP');
    const kept = await scenario(answers, { launcher: ['nohup', ...KEEP, '--'] });
    expect(await after('SIGHUP', kept)).toBe('alive');
    // Only what was ignored.
    expect(await after('SIGTERM', kept)).toBe('SIGTERM');
  });

  test('it outlives its terminal', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-keep-'));
    onTestEnd(() => {
      fs.rmSync(folder, { recursive: true });
    });
    const said = path.join(folder, 'said');
    const code = `console.log(process.pid); setInterval(() => {
      try { fs.readSync(fs.openSync('/dev/tty'), Buffer.alloc(1)) } catch { console.log('over') }
    }, 1)`;
    const line = `nohup "$0" run --keep -- "$1" -e "$2" >"$3"; echo ended`;
    const terminal = onTerminal(['sh', '-c', line, SIGBRIDGE, process.execPath, code, said]);
    await until(() => /^\d+\n/.test(read(said)), 'node to start');
    const pid = Number(read(said).split('\n')[0]);
    onTestEnd(() => {
      kill(pid, 'SIGKILL');
    });
    expect(statusMasks(pid).ignored).toBe(bits('SIGHUP') | NODE_IGNORES);
    terminal.hangUp();
    await terminal.exit;
    await until(() => read(said).includes('over\n'), 'node to find its terminal gone');
  });
});

function read(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

/** What a Node ignores, whose launcher is given these options. */
async function kept(
  before: readonly string[],
  options: readonly string[],
  body: (inside: Inside<unknown>) => unknown = answers,
): Promise<{ child: Scenario; ignored: bigint }> {
  const child = await scenario(body, { launcher: [...before, ...KEEP, ...options, '--'] });
  return { child, ignored: statusMasks(child.pid).ignored & ~NODE_IGNORES };
}

describe('--keep', () => {
  test.each([
    [[], bits('SIGINT', 'SIGHUP', 36)],
    [['--default', 'SIGINT'], bits('SIGHUP', 36)],
    [['--ignore', 'SIGUSR1,SIGPROF'], bits('SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGPROF', 36)],
    [['--default', 'all', '--ignore', 'SIGTERM'], bits('SIGTERM')],
    [['--init'], bits('SIGINT', 'SIGHUP', 36)],
  ])('with %j keeps what is ignored when node starts', async (options, expected) => {
    const launcher = ['env', '--ignore-signal=INT,HUP,RTMIN+2'];
    expect((await kept(launcher, options)).ignored).toBe(expected);
  });

  test('leaves out what Node cannot do without', async () => {
    const { child, ignored } = await kept([], ['--ignore', 'all'], ({ require, report }) => {
      const { exec } = require('node:child_process') as typeof import('node:child_process');
      exec('exit 3', (error) => {
        report(error?.code);
      });
    });
    const all = ((1n << 64n) - 1n) & ~bits('SIGKILL', 'SIGSTOP', 32, 33) & ~NODE_IGNORES;
    const needed = bits('SIGCHLD', 'SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP');
    expect(ignored).toBe(all & ~needed);
    expect(await child.next()).toBe(3);
  });

  test('holds for every Node below, until a launcher there takes it back', () => {
    const code = `console.log(/SigIgn:\\t(.*)/.exec(
      require('fs').readFileSync('/proc/self/status', 'utf8'))[1])`;
    const child = (...words: string[]): string => `const { spawnSync } =
      require('child_process'); process.stdout.write(spawnSync(${JSON.stringify(words[0])},
        ${JSON.stringify(words.slice(1))}).stdout)`;
    const ignoredBy = (...words: string[]): bigint => {
      const { stdout } = toEnd([...KEEP, '--ignore', 'SIGHUP,SIGQUIT', '--', ...words]);
      return BigInt(`0x${stdout.trim()}`) & ~NODE_IGNORES;
    };
    const node = [process.execPath, '-e'] as const;
    const both = bits('SIGHUP', 'SIGQUIT');
    expect(ignoredBy(...node, child(...node, code))).toBe(both);
    expect(ignoredBy('sh', '-c', `"$0" -e "$1"; exit`, process.execPath, code)).toBe(both);
    const back = [SIGBRIDGE, 'run', '--default', 'SIGHUP', '--', ...node, code];
    expect(ignoredBy(...node, child(...back))).toBe(bits('SIGQUIT'));
    const more = [...KEEP, '--ignore', 'SIGTERM', '--', ...node, code];
    expect(ignoredBy(...node, child(...more))).toBe(both | bits('SIGTERM'));
  });

  test('leaves NODE_OPTIONS at work, puts itself in front, and that once', () => {
    const words = [...KEEP, '--', ...KEEP, '--', 'sh', '-c', 'echo "$NODE_OPTIONS"'];
    const own = toEnd(words, { NODE_OPTIONS: '' }).stdout;
    expect(own).toMatch(/^--require="?\/.+\/dist\/cli\/run\/keep\.js"?\n$/);
    const { stdout } = toEnd(words, { NODE_OPTIONS: '--no-deprecation  --title="a b"' });
    expect(stdout).toBe(`${own.trim()} --no-deprecation  --title="a b"\n`);
    const title = [...KEEP, '--', process.execPath, '-p', 'process.title'];
    expect(toEnd(title, { NODE_OPTIONS: '--title="a b"' }).stdout).toBe('a b\n');
  });

  test('does not hold what somebody listens to', async () => {
    const { child } = await kept(['nohup'], [], ({ report }) => {
      process.on('SIGHUP', report);
      setInterval(() => undefined, 1e6);
      report('listens');
    });
    expect(await child.next()).toBe('listens');
    child.kill('SIGHUP');
    expect(await child.next()).toBe('SIGHUP');
  });

  test('leaves the dispositions alone when a worker starts', async () => {
    const { child } = await kept(['nohup'], [], async ({ require, sigbridge, report }) => {
      const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
      sigbridge.reset('SIGHUP');
      const worker = new Worker('', { eval: true });
      await new Promise((resolve) => worker.once('exit', resolve));
      report(sigbridge.ignored('SIGHUP'));
    });
    expect(await child.next()).toBe(false);
  });

  test('is refused where Node has come before', () => {
    const { status, stderr } = toEnd(['nohup', ...WAYS['by node'], '--keep', 'true']);
    expect(status).toBe(2);
    expect(stderr).toContain('--keep cannot know here what was ignored: Node, by which');
  });
});
