import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { toName, toNumber } from '../../../lib/base/signal/names';
import { cat } from '../../support/cat';
import { onTestEnd } from '../../support/cleanup';
import { bits, statusMasks, until, untilPending } from '../../support/kernel';
import { kill, killQuietly } from '../../support/kill';
import { type Inside, scenario } from '../../support/scenario';
import { LAUNCHER, SIGBRIDGE, toEnd, WAYS } from '../../support/run';

/** All that a program may ignore and block. */
const ALL = everything() & ~bits('SIGKILL', 'SIGSTOP', 32, 33);
const RT3 = toNumber('SIGRTMIN+3');

function everything(): bigint {
  return (1n << 64n) - 1n;
}

/** Options that are more than a list of signals. */
const MORE = ['parent-death', 'rewrite', 'success', 'verbose'];

/** What `cat` ignores and blocks when it was started by these words. */
async function started(...words: [string, ...string[]]): Promise<[bigint, bigint]> {
  const { pid } = await cat(words);
  const { ignored, blocked } = statusMasks(pid);
  return [ignored, blocked];
}

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge run '));
  onTestEnd(() => {
    fs.rmSync(made, { recursive: true });
  });
  return made;
}

describe.each(Object.entries(WAYS))('sigbridge run %s', (_name, way) => {
  test('becomes the command: its pid, its streams, its status, and nothing in between', async () => {
    const { pid, closed, end } = await cat([...way, '--ignore', 'SIGHUP', '--']);
    expect(fs.readFileSync(`/proc/${String(pid)}/comm`, 'utf8')).toBe('cat\n');
    const status = fs.readFileSync(`/proc/${String(pid)}/status`, 'utf8');
    expect(status).toContain(`\nPPid:\t${String(process.pid)}\n`);
    expect(statusMasks(pid).ignored).toBe(bits('SIGHUP'));
    end();
    expect(await closed).toEqual([0, null]);
    expect(toEnd([...way, 'sh', '-c', 'exit 7'])).toMatchObject({ status: 7, stderr: '' });
    expect(toEnd([...way, '--', 'sh', '-c', 'kill -TERM $$'])).toMatchObject({ signal: 'SIGTERM' });
  });

  test('leaves pipes as they are', () => {
    const flags = ['sh', '-c', 'cat /proc/self/fdinfo/1 | grep flags'];
    expect(toEnd([...way, ...flags]).stdout).toBe(toEnd(flags).stdout);
  });

  test('tells its usage', () => {
    const { status, stdout, stderr } = toEnd([...way, '--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: sigbridge run \[options\] -- command/);
    for (const option of [
      'ignore',
      'default',
      'block',
      'unblock',
      'keep',
      'init',
      'group',
      ...MORE,
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}--${option} `, 'm'));
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(toEnd([...way, '-h'])).toEqual({ status, signal: null, stdout, stderr });
  });

  test('says by its exit code why the command does not run', () => {
    const file = path.join(folder(), 'not-executable');
    fs.writeFileSync(file, '');
    expect(toEnd([...way, '--', 'sigbridge-no-such'])).toMatchObject({
      status: 127,
      stdout: '',
      stderr:
        "sigbridge: 'sigbridge-no-such' was not found: expected a program in PATH, or a path.\n",
    });
    expect(toEnd([...way, file])).toMatchObject({ status: 126 });
    expect(toEnd([...way, file]).stderr).toMatch(/cannot be run: Permission denied\.\n$/);
    expect(toEnd([...way, '--init', '--', 'sigbridge-no-such'])).toMatchObject({ status: 127 });
    expect(toEnd([...way, '--init', file])).toMatchObject({ status: 126 });
  });
});

describe('the options', () => {
  test.each([
    [['--ignore', 'SIGHUP'], bits('SIGHUP'), 0n],
    [['--ignore=SIGHUP,SIGRTMIN+3,15'], bits('SIGHUP', 'SIGTERM', RT3), 0n],
    [['--ignore', 'SIGHUP', '--ignore', 'SIGINT'], bits('SIGHUP', 'SIGINT'), 0n],
    [['--ignore', 'all'], ALL, 0n],
    [['--block', 'SIGUSR1,SIGRTMAX-1'], 0n, bits('SIGUSR1', 63)],
    [['--block=all'], 0n, ALL],
    [['--block', 'all', '--unblock', 'SIGTERM,SIGINT'], 0n, ALL & ~bits('SIGTERM', 'SIGINT')],
    [['--ignore', 'all', '--default', 'SIGCHLD'], ALL & ~bits('SIGCHLD'), 0n],
    [['--default', 'SIGINT', '--ignore', 'SIGINT'], bits('SIGINT'), 0n],
    [['--ignore', 'SIGINT', '--block', 'SIGINT'], bits('SIGINT'), bits('SIGINT')],
    [[], 0n, 0n],
  ])('%j', async (options, ignored, blocked) => {
    expect(await started(SIGBRIDGE, 'run', ...options, '--')).toEqual([ignored, blocked]);
    expect(await started(LAUNCHER, ...options)).toEqual([ignored, blocked]);
  });

  const INHERITED = ['env', '--ignore-signal=HUP,QUIT', '--block-signal=TERM,USR1'] as const;

  test.each([
    [[], bits('SIGHUP', 'SIGQUIT'), bits('SIGTERM', 'SIGUSR1')],
    [['--default', 'SIGHUP'], bits('SIGQUIT'), bits('SIGTERM', 'SIGUSR1')],
    [['--default', 'all'], 0n, bits('SIGTERM', 'SIGUSR1')],
    [['--unblock', 'SIGTERM'], bits('SIGHUP', 'SIGQUIT'), bits('SIGUSR1')],
    [['--unblock', 'all'], bits('SIGHUP', 'SIGQUIT'), 0n],
    [['--default', 'all', '--ignore', 'SIGINT', '--unblock', 'all'], bits('SIGINT'), 0n],
  ])('%j on top of what was inherited', async (options, ignored, blocked) => {
    for (const init of [[], ['--init']]) {
      const words = [...INHERITED, SIGBRIDGE, 'run', ...options, ...init, '--'] as const;
      const { pid } = await cat([...words]);
      const command = init.length === 0 ? pid : onlyChild(pid);
      const masks = statusMasks(command);
      expect([masks.ignored, masks.blocked]).toEqual([ignored, blocked]);
    }
  });

  test('--parent-death: the command gets the signal when whoever has started it ends', async () => {
    const options = ['--parent-death', 'SIGHUP', '--block', 'SIGHUP'];
    const words = ['sh', '-c', '"$@" & echo $!; wait', '-', LAUNCHER, ...options];
    const parent = spawn(words[0] ?? '', [...words.slice(1), 'sleep', '1000']);
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const command = Number(String(line));
    onTestEnd(() => {
      killQuietly(command);
    });
    const name = (): string => fs.readFileSync(`/proc/${String(command)}/comm`, 'utf8');
    await until(() => name() === 'sleep\n', 'the command to start');
    kill(parent.pid, 'SIGKILL');
    await untilPending(command, 'SIGHUP');
  });

  test('what waits meets what was asked for', () => {
    const sends = 'kill -TERM $$; kill -HUP $$; exec "$@"';
    const words = ['env', '--block-signal=TERM,HUP', 'sh', '-c', sends, '-', LAUNCHER];
    const rest = ['--ignore', 'SIGHUP', '--unblock', 'all', '--', 'echo', 'alive'];
    expect(toEnd([...words, '--ignore', 'SIGTERM', ...rest]).stdout).toBe('alive\n');
    expect(toEnd([...words, ...rest])).toMatchObject({ signal: 'SIGTERM', stdout: '' });
  });

  test.each([
    [[], 'No command: expected sigbridge run [options] -- command'],
    [['--'], 'No command'],
    [['--ignore', 'SIGHUP'], 'No command'],
    [['--ignore'], '--ignore needs signals: expected a list such as SIGHUP,SIGINT, or all.'],
    [['--frobnicate', '--', 'true'], "Unknown option '--frobnicate': expected --ignore, --default"],
    [['-x', 'true'], "Unknown option '-x'"],
    [['--keep=1', 'true'], "Unknown option '--keep=1'"],
    [['--group', 'true'], '--group needs --init'],
    [['--verbose', 'true'], '--verbose needs --init'],
    [['--rewrite', 'SIGTERM=SIGINT', 'true'], '--rewrite needs --init'],
    [['--success', '143', 'true'], '--success needs --init'],
    [['--success', '256', 'true'], "Invalid exit code '256': expected a whole number from 0 to"],
    [['--success', '1,', 'true'], "Invalid exit code ''"],
    [['--success', '-1', 'true'], "Invalid exit code '-1'"],
    [['--success', 'SIGFOO', 'true'], "Unknown signal 'SIGFOO'"],
    [['--success'], '--success needs an exit code: expected a number such as 143'],
    [['--rewrite', 'SIGTERM', 'true'], "Invalid rewriting 'SIGTERM': expected FROM=TO"],
    [['--rewrite', 'SIGKILL=SIGTERM', 'true'], 'SIGKILL cannot be rewritten: the kernel lets'],
    [['--rewrite', 'SIGCONT=SIGTERM', 'true'], 'SIGCONT cannot be rewritten'],
    [['--rewrite', 'SIGTERM=all', 'true'], "Unknown signal 'all'"],
    [['--parent-death', 'SIGTERM,SIGINT', 'true'], "Unknown signal 'SIGTERM,SIGINT'"],
    [['--parent-death', 'SIGSTOP', 'true'], '--parent-death cannot be SIGSTOP'],
    [['--parent-death'], '--parent-death needs a signal'],
    [['--ignore', 'SIGTERM,', 'true'], "Unknown signal '': expected a signal name"],
    [['--ignore', 'SIGHUP,SIGKILL', 'true'], 'SIGKILL cannot be ignored: the kernel lets no'],
    [['--default', '19', 'true'], 'SIGSTOP cannot be reset'],
    [['--block', 'SIGSTOP', 'true'], 'SIGSTOP cannot be blocked'],
    [['--unblock', '9', 'true'], 'SIGKILL cannot be unblocked'],
    [['--ignore', 'all,SIGHUP', 'true'], "Unknown signal 'all'"],
    [['--block', 'SIG\x1b[2J', 'true'], "Unknown signal 'SIG?[2J'"],
  ])('%j is wrong usage', (args, text) => {
    for (const way of [WAYS.directly, WAYS['by the command'], WAYS['by node']]) {
      const { status, stdout, stderr } = toEnd([...way, ...args]);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(`sigbridge: ${text}`);
      expect(stderr).toMatch(/\nTry 'sigbridge run --help'\.\n$/);
    }
  });
});

describe('the names of signals', () => {
  const run = (signal: string): string => toEnd([LAUNCHER, '--ignore', signal, 'true']).stderr;

  // The launcher has them in C++, the library in TypeScript.
  test('each that the library knows is known', async () => {
    for (let number = 1; number <= 64; number++) {
      if ([9, 19, 32, 33].includes(number)) continue;
      const expected = `${toName(number)},${String(number)}`;
      expect(run(expected)).toBe('');
    }
    const aliases = 'SIGIOT,SIGPOLL,SIGCLD,SIGRTMAX-0,SIGRTMIN+0,SIGRTMAX-30';
    expect(await started(LAUNCHER, '--ignore', aliases)).toEqual([bits(6, 17, 29, 34, 64), 0n]);
  });

  test.each([
    ...['SIGTREM', 'sigint', 'INT', 'int', 'SIGINTT', 'SIGIN', 'SIGNT', 'SIGUSR3', 'SIGFOO', 'X'],
    ...['RTMIN+3', 'SIGRTMIN+31', 'SIGRTMIN+99', 'SIGRTMIN-1', 'SIGRTMAX+1', 'SIGRTMAX-31', 'SIG'],
    ...['0', '65', '99', '32', '33', 'SIG32', 'SIG33', 'SIG34', 'SIGKILLL', '-1', '1.5', 'SIG1'],
    ...['SIGTER', 'SIGTERMM', 'SIGETRM', 'HUP', 'hpu', 'SIGCHILD', 'SIGWICNH', 'SIGALARM', '2x'],
  ])('%s is refused in the words of the library', (text) => {
    let message = '';
    try {
      toNumber(/^\d+$/.test(text) ? Number(text) : text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).not.toBe('');
    expect(run(text)).toBe(`sigbridge: ${message}\nTry 'sigbridge run --help'.\n`);
  });
});

function tellInherited({ sigbridge, report }: Inside<unknown>): void {
  report(sigbridge.inherited());
}

describe('inherited()', () => {
  const IGNORED = ['SIGHUP', 'SIGINT', 'SIGRTMIN+3'];
  const BLOCKED = ['SIGTERM', 'SIGRTMIN+4'];
  const ENV = ['env', '--ignore-signal=HUP,INT,RTMIN+3', '--block-signal=TERM,RTMIN+4'] as const;

  test.each([
    [[]],
    [['--default', 'all', '--unblock', 'all', '--ignore', 'SIGUSR2']],
    [['--init']],
  ])('tells what run %j was itself started with', async (options) => {
    const child = await scenario(tellInherited, {
      launcher: [...ENV, SIGBRIDGE, 'run', ...options, '--'],
    });
    const found = { source: 'launcher', ignored: IGNORED, blocked: BLOCKED };
    expect(await child.next()).toEqual(found);
  });

  test('of a process below is its own', async () => {
    const child = await scenario(
      ({ require, report }) => {
        const { execFileSync } =
          require('node:child_process') as typeof import('node:child_process');
        const code = `console.log(require('sigbridge').inherited().source)`;
        report(execFileSync(process.execPath, ['-e', code], { encoding: 'utf8' }));
      },
      { launcher: [...ENV, SIGBRIDGE, 'run', '--'] },
    );
    expect(await child.next()).toBe('observed\n');
  });

  // Node has reset by then what there was to see.
  test('is not claimed to be known where run was started by node', () => {
    const code = `console.log(require('sigbridge').inherited().source)`;
    const words = [...ENV, ...WAYS['by node'], '--', process.execPath, '-e', code];
    expect(toEnd(words).stdout).toBe('observed\n');
  });
});

function onlyChild(pid: number): number {
  const list = `/proc/${String(pid)}/task/${String(pid)}/children`;
  return Number(fs.readFileSync(list, 'utf8').trim());
}
