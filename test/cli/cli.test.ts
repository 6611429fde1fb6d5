import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { ProcessSignals } from '../../lib/core/look/process';
import { toNumber } from '../../lib/base/signal/names';
import { type Cat, cat as startCat } from '../support/cat';
import { onTestEnd } from '../support/cleanup';
import { receiver } from '../support/fixtures';
import { guarded } from '../support/guard';
import { kill } from '../support/kill';
import { onTerminal } from '../support/pty';

const ROOT = path.join(__dirname, '../..');
const MAIN = path.join(ROOT, 'dist/cli/main.js');
const RTMIN = toNumber('SIGRTMIN');

interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

function sigbridge(...args: string[]): Result {
  return run([MAIN, ...args]);
}

function run(nodeArgs: string[]): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, nodeArgs, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** A `cat` that was started by `env` with these options, and is running by now. */
function cat(...options: string[]): Promise<Cat> {
  return startCat(['env', ...options]);
}

async function ended(): Promise<number> {
  const child = spawn('true');
  await once(child, 'close');
  return child.pid ?? 0;
}

describe('sigbridge', () => {
  test('--help lists the commands', () => {
    const { status, stdout, stderr } = sigbridge('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: sigbridge <command>/);
    for (const name of ['doctor', 'inspect', 'list', 'run', 'send', 'trace', 'watch']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} +\\S`, 'm'));
    }
    expect(sigbridge('-h').stdout).toBe(stdout);
  });

  test.each(['doctor', 'inspect', 'list', 'run', 'send', 'trace', 'watch'])(
    '%s --help tells its usage',
    (name) => {
      const { status, stdout, stderr } = sigbridge(name, '--help');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(new RegExp(`^Usage: sigbridge ${name} `));
      expect(sigbridge(name, '-h').stdout).toBe(stdout);
    },
  );

  test('--version is that of the package', () => {
    const manifest = readFileSync(path.join(ROOT, 'package.json'), 'utf8');
    const { version } = JSON.parse(manifest) as { version: string };
    expect(sigbridge('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('without a command is wrong usage, and helps', () => {
    const { status, stdout, stderr } = sigbridge();
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: sigbridge/);
  });

  test.each([
    [['frobnicate'], "Unknown command 'frobnicate'"],
    [['constructor'], "Unknown command 'constructor'"],
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['list', '--frobnicate'], '--frobnicate'],
    [['list', 'SIGINT'], "'list' takes no arguments"],
    [['inspect', 'abc'], "Invalid pid: 'abc'"],
    [['inspect', '0'], "Invalid pid: '0'"],
    [['inspect', '1', '2'], "'inspect' takes one pid"],
    [['send'], "'send' takes a pid and a signal"],
    [['send', '1'], "'send' takes a pid and a signal"],
    [['send', '-1', 'SIGTERM'], '-1'],
    [['send', '1', 'SIGTERM', 'SIGINT'], "'send' takes a pid and a signal"],
    [['send', '1', 'sigcont'], "Did you mean 'SIGCONT'?"],
    [['send', '1', '0'], 'Unknown signal 0'],
    [['send', '1', 'SIG32'], 'SIG32 is reserved'],
    [['send', '1', 'SIGCONT', '--value', 'x'], "Invalid value: 'x'"],
    [['send', '1', 'SIGCONT', '--value', '4294967296'], '4294967296'],
  ])('%p is wrong usage', (args, text) => {
    const { status, stdout, stderr } = sigbridge(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(text);
    expect(stderr).toMatch(/Try 'sigbridge (\w+ )?--help'\.\n$/);
  });

  test.each([['--help'], ['send', '--help'], ['list']])('%s %s needs no addon', (...args) => {
    const { status, stdout, stderr } = run(['--no-addons', MAIN, ...args]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(sigbridge(...args).stdout);
  });

  test('that cannot be written is told in one line', () => {
    const command = ['-c', '"$0" "$1" list > /dev/full', process.execPath, MAIN];
    const { status, stderr } = spawnSync('sh', command, { encoding: 'utf8' });
    expect(stderr).toMatch(/^sigbridge: ENOSPC: .*\n$/);
    expect(status).toBe(1);
  });

  test('into a pipe that is closed early is no error', async () => {
    const script = `"$0" "$1" list | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const shell = spawn('bash', ['-c', script, process.execPath, MAIN], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    shell.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    shell.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await guarded(once(shell, 'close'), () => 'the pipeline to end');
    expect(text).toMatch(/^NUMBER +SIGNAL.*\n0\n$/);
  });
});

describe('sigbridge list', () => {
  test('shows every signal of the system', () => {
    const { status, stdout, stderr } = sigbridge('list');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1 + 64);
    expect(lines[0]).toMatch(/^NUMBER {2}SIGNAL +DEFAULT +TRAITS +RESERVED FOR$/);
    expect(lines[9]).toMatch(/^ {5}9 {2}SIGKILL +terminate {2}uncatchable$/);
    expect(lines[17]).toMatch(/^ {4}17 {2}SIGCHLD +ignore +child_process$/);
    expect(lines[32]).toMatch(/^ {4}32 {2}SIG32 +terminate {2}uncatchable +the C library$/);
    expect(lines[64]).toMatch(/^ {4}64 {2}SIGRTMAX +terminate {2}real-time$/);
    // Each column begins where its title does.
    const column = lines[0]?.indexOf('DEFAULT') ?? 0;
    for (const line of lines) expect(line.slice(column - 1)).toMatch(/^ \S/);
  });

  test('--json prints the same for programs', () => {
    const { status, stdout } = sigbridge('list', '--json');
    expect(status).toBe(0);
    const rows = JSON.parse(stdout) as unknown[];
    expect(rows).toHaveLength(64);
    expect(rows[1]).toEqual({
      signal: 'SIGINT',
      number: 2,
      defaultAction: 'terminate',
      traits: { catchable: true, synchronous: false, realtime: false, reservedFor: null },
    });
  });

  test('works without the addon', () => {
    const list = [MAIN, 'list', '--json'];
    expect(run(['--no-addons', ...list])).toEqual(run(list));
  });
});

describe('sigbridge inspect', () => {
  test('shows what a program was started with', async () => {
    const { pid } = await cat('--ignore-signal=INT', '--block-signal=TERM,RTMIN+3');
    kill(pid, 'SIGTERM');
    const { status, stdout, stderr } = sigbridge('inspect', String(pid));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [title, counts, , ...rows] = stdout.trimEnd().split('\n');
    expect(title).toBe(`${pid}  cat`);
    expect(counts).toMatch(/^1 thread, \d+ of \d+ signals queued for its user$/);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['SIGNAL', 'DISPOSITION', 'BLOCKED IN', 'PENDING FOR'],
      ['SIGINT', 'ignored'],
      ['SIGTERM', 'default', 'its thread', 'the process'],
      ['SIGRTMIN+3', 'default', 'its thread'],
    ]);
  });

  test('--all shows every signal', async () => {
    const { pid } = await cat();
    expect(sigbridge('inspect', String(pid)).stdout).toMatch(/\n\nEvery signal has its default/);
    const { stdout } = sigbridge('inspect', String(pid), '--all');
    expect(stdout.match(/^SIG\S+ +default$/gm)).toHaveLength(64);
  });

  test('names threads that differ from the others', () => {
    const { stdout } = sigbridge('inspect', String(process.pid));
    // Node's helper threads block SIGUSR1, its main thread takes it.
    expect(stdout).toMatch(new RegExp(`^SIGUSR1 +caught +(all but ${process.pid}|\\d+)`, 'm'));
  });

  test('--json prints what readProcess gives', async () => {
    const { pid } = await cat('--ignore-signal=RTMIN+1', '--block-signal=TERM');
    const { status, stdout } = sigbridge('inspect', String(pid), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout) as ProcessSignals).toMatchObject({
      pid,
      command: 'cat',
      ignored: ['SIGRTMIN+1'],
      threads: [{ tid: pid, blocked: ['SIGTERM'] }],
    });
  });

  test('without a pid looks at who ran it, and says so', () => {
    const { status, stdout } = sigbridge('inspect');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^No pid given: this is the process that ran this command\.\n/);
    expect(stdout).toContain(`\n${process.pid}  `);
    expect((JSON.parse(sigbridge('inspect', '--json').stdout) as ProcessSignals).pid).toBe(
      process.pid,
    );
  });

  test('of a process that has ended is refused', async () => {
    const pid = await ended();
    const { status, stdout, stderr } = sigbridge('inspect', String(pid));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`there is no process ${pid} `);
  });

  test('does not let a name steer the terminal', async () => {
    const child = spawn('cat', { argv0: 'c\x1b[2Jat', stdio: ['pipe', 'pipe', 'inherit'] });
    onTestEnd(() => child.kill('SIGKILL'));
    child.stdin.write('x');
    await guarded(once(child.stdout, 'data'), () => 'cat to answer');
    expect(sigbridge('inspect', String(child.pid)).stdout).toContain('c?[2Jat');
  });
});

describe('sigbridge send', () => {
  test('sends by name and by number', async () => {
    const first = await cat();
    expect(sigbridge('send', String(first.pid), 'SIGTERM')).toEqual({
      status: 0,
      stdout: `Sent SIGTERM (15) to process ${first.pid}.\n`,
      stderr: '',
    });
    expect(await guarded(first.closed, () => 'its death')).toEqual([null, 'SIGTERM']);
    const second = await cat();
    expect(sigbridge('send', String(second.pid), '1').status).toBe(0);
    expect(await guarded(second.closed, () => 'its death')).toEqual([null, 'SIGHUP']);
  });

  test('sends values', async () => {
    const child = await receiver(RTMIN + 6);
    const { pid } = child;
    const send = (value: string): Result =>
      sigbridge('send', String(pid), 'SIGRTMIN+6', `--value=${value}`);
    expect(send('2147483647')).toMatchObject({
      status: 0,
      stdout: `Sent SIGRTMIN+6 (${RTMIN + 6}) to process ${pid} with value 2147483647.\n`,
    });
    expect(send('-7').status).toBe(0);
    expect(await child.end()).toMatchObject({ received: 2, first: 2147483647, last: -7 });
  });

  test('to a process that has ended is refused', async () => {
    const pid = await ended();
    const { status, stdout, stderr } = sigbridge('send', String(pid), 'SIGTERM');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^sigbridge: .*no process ${pid} .*ESRCH`));
  });

  test('to a process whose queue is full is refused', async () => {
    const child = await receiver(RTMIN + 6, { hold: 0 });
    const { pid } = child;
    const { status, stdout, stderr } = sigbridge('send', String(pid), 'SIGRTMIN+6', '--value=1');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('queue of signals is full');
    expect(await child.end()).toMatchObject({ received: 0 });
  });
});

describe('colours', () => {
  async function shown(env: NodeJS.ProcessEnv): Promise<string> {
    // `CI` and its like make Node doubt any terminal.
    const clean = ['env', '-i', `PATH=${process.env['PATH'] ?? ''}`];
    const wanted = Object.entries(env).map(([name, value]) => `${name}=${value ?? ''}`);
    const terminal = onTerminal([...clean, ...wanted, process.execPath, MAIN, 'list'] as never);
    expect(await terminal.exit).toMatchObject({ code: 0 });
    return terminal.output;
  }

  test('are for terminals', async () => {
    expect(await shown({ TERM: 'xterm' })).toContain('\x1b[36mSIGINT');
    expect(sigbridge('list').stdout).not.toContain('\x1b');
  });

  test.each([{ NO_COLOR: '1', TERM: 'xterm' }, { TERM: 'dumb' }])('not with %p', async (env) => {
    const text = await shown(env);
    expect(text).toContain('SIGINT');
    expect(text).not.toContain('\x1b[');
  });

  test.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [{ NO_COLOR: '1' }, false],
  ])('in a pipe with %p: %p', (env, colored) => {
    const words = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const child = spawnSync('env', [...words, process.execPath, MAIN, 'list'], {
      encoding: 'utf8',
    });
    const { stdout } = child;
    expect(stdout.includes('\x1b[36mSIGINT')).toBe(colored);
  });
});
