// Who a key or a kill would meet, and what each would do: and so it is.
import { execFile } from 'node:child_process';
import fs from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import type { Branch, Tree } from '../../../lib/cli/doctor/index';
import { until, untilState } from '../../support/kernel';
import { kill } from '../../support/kill';
import { childOf, MAIN, start, untilNamed, type Answer } from '../../support/patients';
import { CTRL_C, onTerminal } from '../../support/pty';
import { UNSHARE } from '../../support/unshare';

async function tree(...args: unknown[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'tree', ...args.map(String)], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function all(trees: readonly Branch[]): Branch[] {
  return trees.flatMap((one) => [one, ...all(one.children)]);
}

/** A shell on a terminal with one that ignores SIGINT, and one that does not, in a job of their own. */
async function job(): Promise<{ terminal: ReturnType<typeof onTerminal>; pids: number[] }> {
  const ignoring = 'env --ignore-signal=INT sleep 601';
  const script = `set -m; sh -c "${ignoring} & sleep 600 & wait" ; read line`;
  const terminal = onTerminal(['bash', '--norc', '-c', script]);
  const shell = await childOf(terminal.pid, 'sh');
  await childOf(shell, 'sleep');
  return { terminal, pids: [terminal.pid, shell] };
}

describe('sigbridge tree', () => {
  test('by the key of a terminal: all of it, and who is in the foreground is met', async () => {
    const terminal = onTerminal([
      'bash',
      '--norc',
      '-c',
      'set -m; sleep 601 & sleep 600; read line',
    ]);
    const job = await childOf(terminal.pid, 'sleep');
    await untilState(job, 'S');
    const { stdout } = await tree(terminal.pid, '--json');
    const found = JSON.parse(stdout) as Tree;
    expect(found).toMatchObject({ signal: 'SIGINT', number: 2, by: 'key' });
    const byPid = new Map(all(found.trees).map((one) => [one.pid, one]));
    expect(byPid.get(terminal.pid)).toMatchObject({ reached: false, effect: 'nothing' });
    const sleeps = all(found.trees).filter(({ command }) => command.startsWith('sleep'));
    expect(sleeps.map(({ command, reached, effect }) => ({ command, reached, effect }))).toEqual([
      { command: 'sleep 601', reached: false, effect: 'nothing' },
      { command: 'sleep 600', reached: true, effect: 'ends' },
    ]);
    const ends = sleeps[1]?.pid ?? 0;
    expect((await tree(found.terminal)).stdout).toMatch(
      /^Ctrl\+C \(SIGINT\) on \/dev\/pts\/\d+: ends 1, does not reach 2\n/,
    );
    terminal.write(CTRL_C);
    await until(() => !alive(ends), 'the one in the foreground to end');
    expect(alive(sleeps[0]?.pid ?? 0)).toBe(true);
    kill(sleeps[0]?.pid, 'SIGKILL');
    terminal.hangUp();
  });

  test('names who goes on, and why', async () => {
    const { terminal, pids } = await job();
    const { code, stdout } = await tree(terminal.pid);
    expect(code).toBe(1);
    expect(stdout).toMatch(/goes on \d \(\d+ (sleep|env)/);
    expect(stdout).toContain('SIGINT is ignored');
    expect(stdout).toContain('└─ ');
    expect(stdout).not.toContain('\x1b');
    expect(stdout).toMatch(new RegExp(`├─ |└─ ${String(pids[1])} sh`));
    terminal.hangUp();
  });

  test('by kill the process alone is met, or its group', async () => {
    const shell = await start(['env', '--default-signal', 'sh', '-c', 'sleep 600; :'], {
      detached: true,
    });
    const pid = await childOf(shell.pid, 'sleep');
    await untilNamed(shell.pid, 'sh');
    const alone = await tree(shell.pid, '--signal', 'SIGTERM');
    expect(alone.code).toBe(0);
    expect(alone.stdout).toMatch(/^SIGTERM: ends 1, does not reach 1\n/);
    expect(alone.stdout).toContain('it is not sent to it');
    const group = await tree(shell.pid, '--signal', 'SIGTERM', '--group');
    expect(group.stdout).toMatch(/^SIGTERM: ends 2\n/);
    kill(shell.pid, 'SIGTERM');
    await shell.end;
    await untilState(pid, 'S');
  });

  test('of the first process of a namespace', async () => {
    const unshare = [...UNSHARE, '--pid', '--fork', '--mount-proc', '--kill-child'] as const;
    const outer = await start([...unshare, 'sh', '-c', 'sleep 600; :']);
    const init = await childOf(outer.pid, 'sh');
    await childOf(init, 'sleep');
    const { code, stdout } = await tree(init, '--signal', 'SIGTERM');
    expect(code).toBe(1);
    expect(stdout).toContain('for which the kernel drops SIGTERM');
  });

  test.each([
    [['1', '2'], "'tree' takes one pid, or one terminal"],
    [['abc'], "Invalid pid: 'abc'"],
    [['--key', '--kill'], '--key is one way'],
    [['1', '--signal', 'sigint'], "Did you mean 'SIGINT'?"],
  ])('%p is wrong usage', async (args, text) => {
    const { code, stdout, stderr } = await tree(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
    expect(stderr).toContain("Try 'sigbridge tree --help'.");
  });

  test.each([
    ['/dev/null', 'nobody is on /dev/null'],
    ['/nowhere', '/nowhere is no terminal'],
    ['2147483646', 'There is no process 2147483646.'],
  ])('%s has none', async (target, text) => {
    const { code, stdout, stderr } = await tree(target);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
  });
});

function alive(pid: number): boolean {
  return fs.existsSync(`/proc/${String(pid)}`);
}
