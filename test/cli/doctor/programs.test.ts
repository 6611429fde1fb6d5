import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../../support/cleanup';
import { untilState } from '../../support/kernel';
import { kill } from '../../support/kill';
import { childOf, diagnosed, MAIN, start, untilWaitsIn } from '../../support/patients';
import { type Argv, describeStock, STOCK, untilReady } from '../../support/stock';
import { UNSHARE } from '../../support/unshare';

for (const name of Object.keys(STOCK).filter((one) => one !== 'java')) describeStock(name);

describe('as the first process of a pid namespace', () => {
  const unshare: Argv = [...UNSHARE, '--pid', '--fork', '--mount-proc', '--kill-child'];

  async function first(argv: Argv, name: string): Promise<number> {
    const outer = await start(['env', '--default-signal', ...unshare, ...argv] as unknown as Argv);
    return childOf(outer.pid, name);
  }

  test.each(['sleep', 'node'])('%s does not end at SIGTERM, as is foretold', async (name) => {
    const pid = await first(STOCK[name] ?? ['false'], name);
    await untilReady(name, pid);
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: false });
    expect(found.rules[0]).toBe('init');
    expect(found.cause('init').evidence[0]).toContain('the last number of NSpid is 1');
    kill(pid, 'SIGTERM');
    kill(pid, 'SIGCONT');
    await untilState(pid, 'S');
    expect((await diagnosed(pid, 'SIGKILL')).acts).toBe(true);
  });

  test('Node with a listener ends, as is foretold', async () => {
    const script = "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1e6)";
    const outer = await start([...unshare, process.execPath, '-e', script] as unknown as Argv);
    const pid = await childOf(outer.pid, 'node');
    await untilWaitsIn(pid, /epoll|ep_poll/);
    expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: true, causes: [] });
    kill(pid, 'SIGTERM');
    expect(await outer.end).toEqual({ code: 7, signal: null });
  });

  test('seen from inside, SIGKILL is dropped too', async () => {
    const script = '"$0" "$1" doctor 1 --signal SIGKILL --json; echo " $?"; read line';
    const { child } = await start(
      [...unshare, 'sh', '-c', script, process.execPath, MAIN] as unknown as Argv,
      { says: ' 1\n' },
    );
    expect(child.exitCode).toBeNull();
  });

  test('with the /proc of another namespace it refuses to say anything', async () => {
    const script = '"$0" "$1" doctor 1 2>&1; echo " $?"';
    const argv = [
      ...UNSHARE,
      '--pid',
      '--fork',
      '--kill-child',
      'sh',
      '-c',
      script,
      process.execPath,
      MAIN,
    ];
    const { end } = await start(argv as unknown as Argv, { says: ' 2\n' });
    expect(await end).toEqual({ code: 0, signal: null });
  });
});

describe('a wrapper between', () => {
  test('sh -c ends alone at SIGTERM, and waits at SIGINT', async () => {
    const shell = await start(['env', '--default-signal', 'sh', '-c', 'sleep 600; true']);
    const pid = await childOf(shell.pid, 'sleep');
    const term = await diagnosed(shell.pid, 'SIGTERM');
    expect(term).toMatchObject({ acts: true });
    expect(term.cause('wrapper')).toMatchObject({
      importance: 'warning',
      title: `it is only a wrapper: SIGTERM ends it, but not process ${String(pid)} (sleep 600)`,
      culprit: { pid, command: 'sleep 600' },
    });
    const int = await diagnosed(shell.pid, 'SIGINT', { by: 'kill' });
    expect(int).toMatchObject({ acts: false });
    expect(int.cause('wrapper').evidence.join()).toContain(
      `/proc/${String(shell.pid)}/cmdline: sh -c`,
    );
    const below = await diagnosed(pid, 'SIGTERM');
    expect(below).toMatchObject({ acts: true });
    expect(below.cause('wrapper')).toMatchObject({
      importance: 'note',
      culprit: { pid: shell.pid },
    });
    // And so it is.
    kill(shell.pid, 'SIGTERM');
    expect(await shell.end).toEqual({ code: null, signal: 'SIGTERM' });
    await untilState(pid, 'S');
  });

  test('a trap waits for the child; in the wait builtin it does not', async () => {
    const waits = await start([
      'env',
      '--default-signal',
      'bash',
      '-c',
      'trap "exit 7" TERM; sleep 600',
    ]);
    await childOf(waits.pid, 'sleep');
    expect(await diagnosed(waits.pid, 'SIGTERM')).toMatchObject({ acts: false });
    const answers = await start([
      'env',
      '--default-signal',
      'bash',
      '-c',
      'trap "exit 7" TERM; sleep 600 & wait',
    ]);
    await childOf(answers.pid, 'sleep');
    await untilWaitsIn(answers.pid, /wait/);
    expect(await diagnosed(answers.pid, 'SIGTERM')).toMatchObject({ acts: true });
    kill(answers.pid, 'SIGTERM');
    expect(await answers.end).toEqual({ code: 7, signal: null });
  });

  test.each([
    ['npm', 'npm'],
    ['yarn', path.join(__dirname, '../../../node_modules/.bin/yarn')],
    ['pnpm', path.join(__dirname, '../../../node_modules/.bin/pnpm')],
  ])('%s hands on to a shell, which does not', async (name, runner) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-runner-'));
    onTestEnd(() => {
      fs.rmSync(folder, { recursive: true });
    });
    const script = 'sleep 600; true';
    fs.writeFileSync(
      path.join(folder, 'package.json'),
      JSON.stringify({ scripts: { start: script } }),
    );
    const program = await start(['env', '--default-signal', runner, 'start'], { cwd: folder });
    const shell = await childOf(program.pid, 'sh');
    const pid = await childOf(shell, 'sleep');
    const found = await diagnosed(program.pid, 'SIGTERM');
    const { importance, title, culprit, evidence, conclusions } = found.cause('wrapper');
    expect(importance).toBe('warning');
    expect(culprit?.pid).toBe(shell);
    expect(title).toContain(`${name} waits for process ${String(shell)}`);
    expect(title).toContain(`SIGTERM ends it, but not process ${String(pid)} (sleep 600)`);
    expect(evidence.join('\n')).toMatch(new RegExp(`cmdline: .*${name} start`));
    expect(conclusions.join('\n')).toContain('hands SIGTERM on to its child');
    // And so it is: it and its shell end, what they run goes on.
    kill(program.pid, 'SIGTERM');
    await program.end;
    await untilState(pid, 'S');
    expect((await diagnosed(pid, 'SIGTERM')).acts).toBe(true);
  });
});
