import fs from 'node:fs';
import os, { constants } from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../../support/cleanup';
import {
  threads,
  until,
  untilBlocked,
  untilIgnored,
  untilPending,
  untilState,
} from '../../support/kernel';
import { kill } from '../../support/kill';
import {
  childOf,
  diagnosed,
  MAIN,
  start,
  untilNamed,
  untilWaitsIn,
  type Patient,
} from '../../support/patients';

type Argv = readonly [string, ...string[]];

/** Programs as they come, that stay until they are told to end. */
const STOCK: Record<string, Argv> = {
  sleep: ['sleep', '600'],
  // Its input is a socket here, for which it may take itself for a remote shell and read its files.
  bash: ['bash', '--norc', '-c', 'read line'],
  python3: ['/usr/bin/python3', '-c', 'import signal; signal.pause()'],
  node: [process.execPath, '-e', 'setInterval(() => {}, 1e6)'],
  java: [
    'java',
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    '-m',
    'java.rmi/sun.rmi.registry.RegistryImpl',
    '0',
  ],
};

/** Until the program has set the handlers that it comes with, and waits. */
async function untilReady(name: string, pid: number): Promise<void> {
  if (name === 'sleep') {
    await untilNamed(pid, name);
  } else if (name === 'bash') {
    await untilWaitsIn(pid, /read/);
  } else if (name === 'java') {
    const listens = (): boolean =>
      threads(pid).some((one) => one.name.startsWith('RMI TCP Accept'));
    await until(listens, 'the registry to listen');
  } else if (name === 'node') {
    await untilWaitsIn(pid, /epoll|ep_poll/);
  } else {
    await untilWaitsIn(pid, /pause/);
  }
}

async function stock(name: string, ...options: string[]): Promise<Patient> {
  const argv = STOCK[name] ?? ['false'];
  const patient = await start(['env', '--default-signal', ...options, ...argv] as unknown as Argv);
  await untilNamed(patient.pid, name === 'python3' ? 'python3' : name);
  await untilReady(name, patient.pid);
  return patient;
}

const names = Object.keys(STOCK);
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

describe.each(names)('a stock %s', (name) => {
  test.each(signals)('ends at %s, as is foretold', async (signal) => {
    const { pid, end } = await stock(name);
    expect(await diagnosed(pid, signal, { by: 'kill' })).toMatchObject({ acts: true });
    kill(pid, signal);
    // Java ends by itself, after its shutdown hooks.
    const code = name === 'java' ? 128 + constants.signals[signal] : null;
    expect(await end).toEqual({ code, signal: name === 'java' ? null : signal });
  });

  test('blocked: it does not, as is foretold', async () => {
    const { pid, end } = await stock(name, '--block-signal=ALRM');
    if (name !== 'node') {
      await untilBlocked(pid, 'SIGALRM');
      expect((await diagnosed(pid, 'SIGALRM')).rules).toContain('blocked');
      kill(pid, 'SIGALRM');
      await untilPending(pid, 'SIGALRM');
    }
    // Node unblocks all at its start.
    expect((await diagnosed(pid, 'SIGALRM')).acts).toBe(name === 'node');
    kill(pid, 'SIGKILL');
    expect(await end).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('in the background of a shell without job control', async () => {
    const argv = STOCK[name] ?? [];
    const shell = await start([
      ...['env', '--default-signal', 'sh', '-c', 'exec 3<&0; "$0" "$@" <&3 & wait $!; exit $?'],
      ...argv,
    ] as unknown as Argv);
    const pid = await childOf(shell.pid, name);
    await untilReady(name, pid);
    // Node sets all back to the default at its start, and then has its handler.
    const acts = name === 'node';
    if (!acts) await untilIgnored(pid, 'SIGINT');
    const found = await diagnosed(pid, 'SIGINT', { by: 'kill' });
    expect(found.acts).toBe(acts);
    if (!acts)
      expect(found.cause('ignored').evidence.join()).toContain('shell without job control');
    kill(pid, 'SIGINT');
    if (!acts) kill(pid, 'SIGKILL');
    expect(await shell.end).toEqual({ code: 128 + (acts ? 2 : 9), signal: null });
  });
});

describe('as the first process of a pid namespace', () => {
  const unshare: Argv = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];

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
      'unshare',
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
    const { importance, title, culprit, evidence } = found.cause('wrapper');
    expect(importance).toBe('warning');
    expect(culprit?.pid).toBe(shell);
    expect(title).toContain('what becomes of SIGTERM is up to process');
    expect(evidence.join('\n')).toMatch(new RegExp(`cmdline: .*${name} start`));
    expect(evidence.join('\n')).toContain('It passes SIGTERM to that shell, which does not.');
    // And so it is: it and its shell end, what they run goes on.
    kill(program.pid, 'SIGTERM');
    await program.end;
    await untilState(pid, 'S');
    expect((await diagnosed(pid, 'SIGTERM')).acts).toBe(true);
  });
});
