import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../../support/cleanup';
import { until, untilIgnored, untilState } from '../../support/kernel';
import { kill } from '../../support/kill';
import { childOf, diagnosed, MAIN, untilNamed } from '../../support/patients';
import { CTRL_C, onTerminal, type Terminal } from '../../support/pty';
import type { Diagnosis } from '../../../lib/cli/doctor/index';

/** A `sleep` on a terminal that is set so. */
async function sleeperOn(settings: string): Promise<Terminal> {
  const terminal = onTerminal(['sh', '-c', `${settings}; exec sleep 600`]);
  await untilNamed(terminal.pid, 'sleep');
  await untilState(terminal.pid, 'S');
  return terminal;
}

describe('a key', () => {
  test('that nothing keeps away acts', async () => {
    const terminal = await sleeperOn('true');
    const found = await diagnosed(terminal.pid, 'SIGINT');
    expect(found).toMatchObject({ acts: true, by: 'key', causes: [] });
    expect(found.verdict).toMatch(/^Ctrl\+C \(SIGINT\) will act on process \d+ \(sleep 600\)/);
    terminal.write(CTRL_C);
    expect(await terminal.exit).toMatchObject({ signal: 2 });
  });

  test('reaches what a wrapper runs, too', async () => {
    const terminal = onTerminal(['sh', '-c', 'sleep 600; true']);
    await childOf(terminal.pid, 'sleep');
    const found = await diagnosed(terminal.pid, 'SIGINT');
    expect(found).toMatchObject({ acts: true, by: 'key', causes: [] });
    terminal.write(CTRL_C);
    expect(await terminal.exit).toMatchObject({ signal: 2 });
  });

  test('and a signal that an interactive shell ignores by itself is told so', async () => {
    const { pid } = onTerminal(['bash', '--norc', '--noprofile', '-i']);
    await untilIgnored(pid, 'SIGTERM');
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: false, disposition: 'ignored' });
    expect(found.cause('ignored').conclusions).toContain(
      'An interactive shell ignores it by itself.',
    );
  });

  test('does nothing on a terminal without ISIG', async () => {
    const terminal = await sleeperOn('stty -isig');
    const found = await diagnosed(terminal.pid, 'SIGINT');
    expect(found).toMatchObject({ acts: false, by: 'key', rules: ['no-isig'] });
    expect(found.cause('no-isig').evidence[0]).toMatch(
      /^tcgetattr\(\/dev\/pts\/\d+\): ISIG is off\.$/,
    );
    terminal.write(CTRL_C);
    terminal.write('\n');
    await terminal.waitFor(/\^C\r\n/);
    // What is sent, and not typed, acts.
    const sent = await diagnosed(terminal.pid, 'SIGINT', { by: 'kill' });
    expect(sent).toMatchObject({ acts: true, by: 'kill', rules: ['no-isig'] });
    expect((await diagnosed(terminal.pid, 'SIGTERM')).rules).toEqual([]);
    kill(terminal.pid, 'SIGTERM');
    expect(await terminal.exit).toMatchObject({ signal: 15 });
  });

  test.each([
    ['SIGINT', 'intr ^G', 'Ctrl+G sends SIGINT, not Ctrl+C', 'VINTR is Ctrl+G', '\x07', 2],
    ['SIGQUIT', 'quit ^X', 'Ctrl+X sends SIGQUIT, not Ctrl+\\', 'VQUIT is Ctrl+X', '\x18', 3],
  ])('is another one for %s: %s', async (signal, setting, title, evidence, typed, number) => {
    const terminal = await sleeperOn(`stty ${setting}`);
    const found = await diagnosed(terminal.pid, signal);
    expect(found).toMatchObject({ acts: false, rules: ['other-key'] });
    expect(found.cause('other-key').title).toBe(`on its terminal ${title}`);
    expect(found.cause('other-key').evidence[0]).toContain(evidence);
    terminal.write(typed);
    expect(await terminal.exit).toMatchObject({ signal: number });
  });

  test('is none', async () => {
    const terminal = await sleeperOn('stty intr undef');
    const found = await diagnosed(terminal.pid, 'SIGINT');
    expect(found).toMatchObject({ acts: false, rules: ['other-key'] });
    expect(found.cause('other-key').title).toBe('on its terminal no key sends SIGINT, not Ctrl+C');
    kill(terminal.pid, 'SIGKILL');
    await terminal.exit;
  });

  test('goes to the foreground process group alone', async () => {
    const script = 'set -m; sleep 600 & cat; :';
    const terminal = onTerminal(['bash', '-c', script]);
    const pid = await childOf(terminal.pid, 'sleep');
    const foreground = await childOf(terminal.pid, 'cat');
    const found = await diagnosed(pid, 'SIGINT');
    expect(found).toMatchObject({ acts: false, rules: ['background'] });
    const { title, evidence } = found.cause('background');
    expect(title).toMatch(
      /^it is not in the foreground of \/dev\/pts\/\d+: Ctrl\+C goes to others$/,
    );
    expect(evidence.join('\n')).toContain(
      `In the foreground: process ${String(foreground)} (cat).`,
    );
    expect(await diagnosed(foreground, 'SIGINT')).toMatchObject({ acts: true, causes: [] });
    expect((await diagnosed(pid, 'SIGINT', { by: 'kill' })).acts).toBe(true);
    terminal.write(CTRL_C);
    await untilGoneOrShell(foreground);
    expect((await diagnosed(pid, 'SIGTERM')).acts).toBe(true);
    terminal.hangUp();
  });

  test('finds nobody without a controlling terminal', async () => {
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    onTestEnd(() => child.kill('SIGKILL'));
    const found = await diagnosed(child.pid ?? 0, 'SIGINT', { by: 'key' });
    expect(found).toMatchObject({ acts: false, rules: ['no-terminal'] });
    expect(found.cause('no-terminal').evidence).toEqual([
      `/proc/${String(child.pid)}/stat: tty_nr is 0.`,
    ]);
    const sent = await diagnosed(child.pid ?? 0, 'SIGINT');
    expect(sent).toMatchObject({ acts: true, by: 'kill', rules: ['no-terminal'] });
  });

  test('several things may keep it away at once', async () => {
    const terminal = await sleeperOn('trap "" INT; stty -isig intr ^G');
    const found = await diagnosed(terminal.pid, 'SIGINT');
    expect(found.rules).toEqual(['ignored', 'no-isig', 'other-key']);
    expect(found.acts).toBe(false);
  });
});

async function untilGoneOrShell(pid: number): Promise<void> {
  await until(() => !fs.existsSync(`/proc/${String(pid)}`), 'the foreground job to end');
}

describe('without a pid', () => {
  interface Job {
    terminal: string;
    group: number;
    processes: Diagnosis[];
  }

  /** Runs the doctor in the background of a terminal, when `name` is in its foreground. */
  async function foreground(
    command: string,
    name: string,
  ): Promise<{ job: Job; code: number; group: number }> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-doctor-'));
    onTestEnd(() => {
      fs.rmSync(folder, { recursive: true });
    });
    const file = (which: string): string => path.join(folder, which);
    const asked = `"$0" "$1" doctor --json > "${file('out')}"; echo $? > "${file('rc')}.new"; mv "${file('rc')}.new" "${file('rc')}"`;
    const script = `set -m; mkfifo "${file('go')}"; (read _ < "${file('go')}"; ${asked}) & ${command}; :`;
    const terminal = onTerminal(['bash', '-c', script, process.execPath, MAIN]);
    const group = await childOf(terminal.pid, name);
    fs.writeFileSync(file('go'), '\n');
    await until(() => fs.existsSync(file('rc')), 'the doctor to be done');
    const job = JSON.parse(fs.readFileSync(file('out'), 'utf8')) as Job;
    const code = Number(fs.readFileSync(file('rc'), 'utf8'));
    terminal.hangUp();
    return { job, code, group };
  }

  test('it looks at the foreground job of the terminal', async () => {
    const { job, code, group } = await foreground('sleep 600', 'sleep');
    expect(job).toMatchObject({ group, processes: [{ pid: group, acts: true, by: 'key' }] });
    expect(job.terminal).toMatch(/^\/dev\/pts\/\d+$/);
    expect(code).toBe(0);
  });

  test('and at each process of it', async () => {
    const { job, code, group } = await foreground('sh -c "trap \'\' INT; sleep 600; :"', 'sh');
    expect(job.processes.map(({ pid }) => pid)).toContain(group);
    expect(job.processes.map(({ causes }) => causes[0]?.rule)).toEqual(['ignored', 'ignored']);
    expect(code).toBe(1);
  });

  test('it says so when nobody else is there', async () => {
    const terminal = onTerminal([process.execPath, MAIN, 'doctor']);
    expect(await terminal.exit).toMatchObject({ code: 2 });
    expect(terminal.output).toContain('nobody but this command is in the foreground of /dev/pts/');
  });

  test('it says so where there is no terminal', async () => {
    const child = spawn(process.execPath, [MAIN, 'doctor'], { detached: true });
    let text = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(2);
    expect(text).toContain('this command has no controlling terminal');
  });
});
