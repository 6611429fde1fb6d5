import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { Transcript } from '../../../lib/testing/Transcript';
import { fixturePath, flood } from '../../support/fixtures';
import { GUARD_MS } from '../../support/guard';
import { OPTION_SCENARIOS } from '../../support/init-options';
import { asJob, bash, INIT_SCENARIOS, temporary, toWhom } from '../../support/init-scenarios';
import {
  childrenOf,
  firstChild,
  INITS,
  isIdle,
  start,
  stateOf,
  underInit,
} from '../../support/inits';
import { until } from '../../support/kernel';
import { kill } from '../../support/kill';
import { CTRL_C, CTRL_Z, onTerminal } from '../../support/pty';
import { LAUNCHER, type Result, toEnd, quoted } from '../../support/run';

/** Runs a shell's line, and says by which signal it died, and whether with a core. */
const CORE_OF_PARENT = `
import os, sys
pid = os.fork()
if pid == 0: os.execvp('bash', ['bash', '-c', *sys.argv[1:]])
_, status = os.waitpid(pid, 0)
print(os.WTERMSIG(status), os.WCOREDUMP(status))`;

/** The process group that has the process's terminal in the foreground: proc_pid_stat(5). */
function foregroundOf(pid: number): number {
  const stat = fs.readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[6]);
}

const OURS = 'sigbridge run --init';

const ALL = [...INIT_SCENARIOS, ...OPTION_SCENARIOS];

test.each(ALL)('$what', async ({ see, expected }) => {
  expect(await see(OURS)).toBe(expected[OURS]);
});

describe('sigbridge run --init', () => {
  test('leaves its own arguments as they were given, for whoever lists processes', async () => {
    const options = [
      '--init',
      '--ignore=SIGHUP,SIGUSR1',
      '--rewrite',
      'SIGTERM=SIGINT,SIGQUIT=SIGINT',
    ];
    const all = [LAUNCHER, ...options, 'cat'];
    const init = start(all);
    await until(() => childrenOf(init.pid ?? 0).length > 0, 'it has started the command');
    const seen = fs.readFileSync(`/proc/${String(init.pid)}/cmdline`, 'utf8');
    expect(seen.split('\0').slice(0, -1)).toEqual(all);
  });

  test('--group forwards to the whole process group', async () => {
    expect(await toWhom(OURS, ['--group'])).toBe('to both');
  });

  test('dies by the signal of which the command died, without a core of its own', () => {
    const ended = (signal: string): Result =>
      toEnd([LAUNCHER, '--init', 'sh', '-c', `ulimit -c 0; kill -${signal} $$`]);
    for (const signal of ['KILL', 'HUP', 'INT', 'USR1', 'SEGV', 'ABRT', 'PIPE'] as const) {
      expect(ended(signal)).toMatchObject({ status: null, signal: `SIG${signal}` });
    }
    // Node has no names for these: what a shell makes of it.
    const line = `"$0" --init sh -c 'kill -40 $$'; echo $?`;
    expect(toEnd(['bash', '-c', line, LAUNCHER]).stdout).toBe('168\n');
    const core = `cd ${temporary()}; ulimit -c unlimited; exec "$0" --init perl -e 'kill ABRT => $$'`;
    expect(toEnd(['python3', '-c', CORE_OF_PARENT, core, LAUNCHER]).stdout).toBe('6 False\n');
  });

  test('--success takes codes and signals for 0, and no others', () => {
    const ended = (line: string): Result =>
      toEnd([LAUNCHER, '--init', '--success', '3,SIGTERM', '--success=200', 'sh', '-c', line]);
    for (const line of ['exit 0', 'exit 3', 'exit 143', 'exit 200', 'kill -TERM $$']) {
      expect([line, ended(line)]).toMatchObject([line, { status: 0, signal: null }]);
    }
    expect(ended('exit 1')).toMatchObject({ status: 1 });
    expect(ended('kill -INT $$')).toMatchObject({ signal: 'SIGINT' });
    expect(toEnd([LAUNCHER, '--init', '--success', '127', 'no-such-command']).status).toBe(0);
  });

  test('--rewrite keeps the value of a signal, and the last one counts', async () => {
    const line = `exec ${quoted(fixturePath('receiver'))} 40`;
    const options = ['--rewrite', 'SIGRTMIN+1=SIGTERM', '--rewrite', 'SIGRTMIN+1=SIGRTMIN+6'];
    const { init, command, output } = await underInit(OURS, line, { options });
    await until(() => output().includes('ready\nready\n'), 'the receiver');
    await flood(init, 35, 10);
    await until(() => isIdle(init) && isIdle(command), 'all to be taken');
    kill(command, 'SIGTERM');
    await until(() => output().includes('}'), 'what the receiver tells');
    const told = JSON.parse(output().replaceAll('ready\n', '')) as unknown;
    expect(told).toMatchObject({ received: 10, last: 9 });
  });

  test('--verbose tells what comes, what becomes of it, and who ends', async () => {
    const line = `(true &); kill -HUP $PPID; kill -INT $PPID; read line; kill -TERM $$`;
    const options = ['--verbose', '--rewrite', 'SIGHUP=none,SIGINT=SIGCONT', '--success', '143'];
    const child = start([LAUNCHER, '--init', ...options, 'sh', '-c', line]);
    const told = new Transcript(GUARD_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      told.add(text);
    });
    const ended = once(child, 'exit');
    const [, command = ''] = await told.waitFor(/^sigbridge\[\d+\]: started (\d+): 'sh'\n/);
    await until(() => told.text.split('\n').length === 5, 'the orphan, and both signals');
    child.stdin.end('\n');
    expect(await ended).toEqual([0, null]);
    const lines = told.text.replaceAll(`sigbridge[${String(child.pid)}]: `, '').split('\n');
    expect(lines).toContain(`SIGHUP from ${command} (sh): kept back`);
    expect(lines).toContain(`SIGINT from ${command} (sh): as SIGCONT to ${command}`);
    expect(lines).toContainEqual(expect.stringMatching(/^orphan \d+ ended with exit code 0$/));
    expect(lines.slice(4)).toEqual([`${command} ended by SIGTERM, taken for 0`, '']);
  });

  test('--verbose does not wait for who should read it, nor minds that it has gone', async () => {
    // A pipe that is full, and one that nobody can read.
    const full = `dd if=/dev/zero bs=4096 count=16 status=none >&2; exec "$@"`;
    const words = ['sh', '-c', full, '-', LAUNCHER, '--init', '--verbose', 'sh', '-c', 'exit 7'];
    const child = start(words);
    child.stderr.pause();
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(7);
    // SIGPIPE would end the command.
    const line = `"$0" --init --verbose sh -c 'read x; kill -0 $$; exit 7' 2>&1 >&3 3>&- | true; echo $PIPESTATUS`;
    expect(toEnd(['bash', '-c', `exec 3>/dev/null; sleep 0; ${line}`, LAUNCHER]).stdout).toBe(
      '7\n',
    );
  });

  test('what arrives while the command starts goes to the command', () => {
    const blocked = ['env', '--block-signal=TERM'];
    const sends = `kill -TERM $$; exec "$@"`;
    const words = [...blocked, 'sh', '-c', sends, '-', LAUNCHER, '--unblock', 'all', '--init'];
    expect(toEnd([...words, 'sleep', '1000'])).toMatchObject({ signal: 'SIGTERM' });
  });

  test('reaps a thousand orphans, and loses none of the signals meanwhile', async () => {
    const many = `i=0; while [ $i -lt 1000 ]; do (true & ) ; i=$((i+1)); done`;
    const line = `(${many}) & exec ${quoted(fixturePath('receiver'))} 40`;
    const { init, command, end, output } = await underInit(OURS, line, { asPid1: true });
    await until(() => output().includes('ready\nready\n'), 'the receiver');
    await flood(init, 40, 20_000);
    await until(() => childrenOf(init).length === 1, 'all orphans to be reaped');
    await until(() => isIdle(init) && isIdle(command), 'all to be taken');
    kill(init, 'SIGTERM');
    expect(await end).toBe('0');
    expect(JSON.parse(output().replaceAll('ready\n', ''))).toMatchObject({
      received: 20_000,
      inversions: 0,
      last: 19_999,
    });
  });

  test('leaves the terminal to whoever comes next in the script', async () => {
    const script = `"$0" --init -- sh -c 'read line; echo first $line'; read line; echo then $line; read line`;
    const terminal = onTerminal(['sh', '-c', script, LAUNCHER]);
    terminal.write('one\n');
    await terminal.waitFor(/first one/);
    terminal.write('two\n');
    await terminal.waitFor(/then two/);
    terminal.write('\n');
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
  });

  test('a hang-up of the terminal reaches the command', async () => {
    const line = `trap 'echo hung up >&3; exit' HUP; echo ready; while :; do sleep 1000 & wait; done`;
    const said = path.join(temporary(), 'said');
    const words = ['sh', '-c', `exec "$0" --init -- sh -c "$1" 3>"$2"`, LAUNCHER, line, said];
    const terminal = onTerminal(words as [string, ...string[]]);
    await terminal.waitFor(/ready/);
    terminal.hangUp();
    await until(() => fs.readFileSync(said, 'utf8') === 'hung up\n', 'the command to be told');
  });
});

describe('under a shell with job control', () => {
  test('stops and goes on with the command, in the foreground and in the background', async () => {
    const line = `trap "echo interrupted" INT; while :; do read line; echo got $line; done`;
    const { shell, init, command } = await asJob(OURS, line);
    shell.write('one\n');
    await shell.waitFor(/got one/);
    shell.write(CTRL_Z);
    await shell.waitFor(/Stopped/);
    expect([stateOf(init), stateOf(command)]).toEqual(['T', 'T']);
    shell.write('fg\n');
    await until(() => stateOf(init) === 'S' && stateOf(command) === 'S', 'both to go on');
    shell.write('two\n');
    await shell.waitFor(/got two/);
    shell.write(CTRL_C);
    await shell.waitFor(/interrupted/);
    shell.write(CTRL_Z);
    await shell.waitFor(/Stopped/);
    // It reads from the terminal, which is the shell's now: stopped again, by SIGTTIN.
    shell.write('bg\n');
    await shell.waitFor(/&\r\n.*> /);
    await until(() => stateOf(init) === 'T' && stateOf(command) === 'T', 'both to be stopped');
    shell.write('fg\n');
    await until(() => stateOf(init) === 'S' && stateOf(command) === 'S', 'both to go on');
    shell.write('three\n');
    await shell.waitFor(/got three/);
  });

  test('started in the background, gets what comes once it is in the foreground', async () => {
    const shell = await bash();
    shell.write(
      `${INITS[OURS].map(quoted).join(' ')} sh -c 'trap "echo interrupted" INT; echo is ready; `,
    );
    shell.write(`read line; echo got $line; read line' &\n`);
    await shell.waitFor(/is ready\r/);
    const init = firstChild(shell.pid);
    await until(() => stateOf(init) === 'T', 'it to be stopped at its reading');
    shell.write('fg\n');
    await until(() => stateOf(init) === 'S', 'it to go on');
    shell.write('one\n');
    await shell.waitFor(/got one/);
    shell.write(CTRL_C);
    await shell.waitFor(/interrupted/);
  });

  test('stops with all of its pipeline', async () => {
    const shell = await bash();
    shell.write(
      `${INITS[OURS].map(quoted).join(' ')} sh -c 'echo is ready; exec sleep 1000' | cat\n`,
    );
    await shell.waitFor(/is ready\r/);
    const [init = 0, reader = 0] = childrenOf(shell.pid);
    shell.write(CTRL_Z);
    await shell.waitFor(/Stopped/);
    expect([init, reader, firstChild(init)].map(stateOf)).toEqual(['T', 'T', 'T']);
    shell.write('fg\n');
    await until(() => stateOf(reader) === 'S' && stateOf(firstChild(init)) === 'S', 'all to go on');
    const command = firstChild(init);
    await until(() => foregroundOf(command) === command, 'it to have the terminal');
    shell.write(CTRL_C);
    await until(() => stateOf(init) === 'gone', 'the end');
    await shell.waitFor(/> /);
  });

  test('a command that is stopped from outside stops it, and so is it continued', async () => {
    // As a job: in a group whose parent is out of its session, SIGTSTP stops nobody.
    const shell = await bash();
    shell.write(`${INITS[OURS].map(quoted).join(' ')} sh -c 'echo is ready; exec sleep 1000' &\n`);
    await shell.waitFor(/is ready\r/);
    const init = firstChild(shell.pid);
    const command = firstChild(init);
    kill(command, 'SIGSTOP');
    await until(() => stateOf(init) === 'T', 'the init to stop');
    kill(init, 'SIGCONT');
    await until(() => stateOf(init) === 'S' && stateOf(command) === 'S', 'both to go on');
    kill(init, 'SIGTSTP');
    await until(() => stateOf(init) === 'T' && stateOf(command) === 'T', 'both to stop');
    kill(init, 'SIGCONT');
    await until(() => stateOf(init) === 'S' && stateOf(command) === 'S', 'both to go on');
    kill(init, 'SIGTERM');
    await until(() => stateOf(init) === 'gone', 'the end');
  });
});

test('the page has what was measured', () => {
  const page = fs.readFileSync(path.join(__dirname, '../../../docs/run.md'), 'utf8');
  const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const told = new Map(rows.map(([, what = '', ...cells]) => [what, cells.slice(0, 3)]));
  for (const { what, expected } of ALL) {
    expect([what, told.get(what)]).toEqual([what, Object.values(expected)]);
  }
});
