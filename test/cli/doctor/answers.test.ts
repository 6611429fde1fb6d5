// Three answers: what is certain is so, and what cannot be seen from outside is said to be unknown.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { fixturePath } from '../../support/fixtures';
import { untilCaught, untilIgnored, untilState } from '../../support/kernel';
import { kill } from '../../support/kill';
import {
  childOf,
  diagnosed,
  doctor,
  start,
  untilNamed,
  untilWaitsIn,
} from '../../support/patients';
import { CTRL_C, onTerminal } from '../../support/pty';
import { UNSHARE } from '../../support/unshare';

type Argv = readonly [string, ...string[]];

const node = (script: string): Argv => ['env', '--default-signal', process.execPath, '-e', script];
const python = (script: string): Argv => [
  'env',
  '--default-signal',
  '/usr/bin/python3',
  '-c',
  script,
];
const bash = (script: string): Argv => ['env', '--default-signal', 'bash', '--norc', '-c', script];

describe('an event loop that works', () => {
  const listens =
    "process.on('SIGTERM', () => process.exit(7)); setTimeout(() => { fs.writeSync(1, 'ready'); work(); });";

  test.each([
    ['without a pause', 'function work() { setImmediate(work) }'],
    [
      'in pieces of 50 ms',
      'function work() { for (const end = performance.now() + 50; performance.now() < end;); setImmediate(work) }',
    ],
    [
      'in pieces of 400 ms',
      'function work() { for (const end = performance.now() + 400; performance.now() < end;); setImmediate(work) }',
    ],
  ])('%s is none that is blocked', async (_, work) => {
    const { pid, end } = await start(node(`${listens} ${work}`), { says: 'ready' });
    expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: true, effect: 'runs' });
    kill(pid, 'SIGTERM');
    expect(await end).toEqual({ code: 7, signal: null });
  });

  test('promises that never let it turn are found out', async () => {
    const work = 'async function work() { for (;;) await null }';
    const { pid } = await start(node(`${listens} ${work}`), { says: 'ready' });
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: false });
    expect(found.cause('event-loop-blocked').evidence.join('\n')).toContain(
      "libuv's count of the loop's turns has not moved",
    );
  });

  test('that stands still before sigbridge has taken its watcher is not said to run a listener', async () => {
    const on = `require(${JSON.stringify(path.join(__dirname, '../../..'))}).on('SIGTERM', () => {})`;
    const { pid } = await start(node(`${on}; fs.writeSync(1, 'ready'); for (;;);`), {
      says: 'ready',
    });
    expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: null });
  });
});

describe('a blocked loop beside sigbridge, which takes nothing,', () => {
  test('does not keep Node’s own handler from ending the process', async () => {
    const load = `require(${JSON.stringify(path.join(__dirname, '../../..'))}).on('SIGTERM', () => {}).close()`;
    const wait = "require('node:child_process').execFileSync('sleep', ['60'])";
    const { pid } = await start(node(`${load}; fs.writeSync(1, 'ready'); ${wait};`), {
      says: 'ready',
    });
    expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({
      acts: true,
      verdict: expect.stringContaining('Node’s own, which ends it'),
    });
  });
});

describe('whose handler it is, is not claimed', () => {
  const script = `require('${fixturePath('foreign_a.node')}'); setInterval(() => {}, 1e6); console.log('ready')`;

  test('where an addon may have set it', async () => {
    const { pid } = await start(node(script), { says: 'ready' });
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found.verdict).toContain('Node’s own, which ends it, or another that it has set');
    expect(found).toMatchObject({ acts: true, effect: 'runs' });
  });

  test('where such an addon has been removed meanwhile, as by an update', async () => {
    const copy = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-test-')), 'a.node');
    fs.copyFileSync(fixturePath('foreign_a.node'), copy);
    const { pid } = await start(node(script.replace(fixturePath('foreign_a.node'), copy)), {
      says: 'ready',
    });
    fs.rmSync(path.dirname(copy), { recursive: true });
    expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: true, effect: 'runs' });
  });

  test('and as the first process of a namespace whether it acts is unknown', async () => {
    const unshare = [...UNSHARE, '--pid', '--fork', '--mount-proc', '--kill-child'];
    const outer = await start([...unshare, ...node(script)] as unknown as Argv, { says: 'ready' });
    const pid = await childOf(outer.pid, 'node');
    const { code, stdout } = await doctor([pid, '--signal', 'SIGTERM']);
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^Whether SIGTERM will act on process \d+ .* cannot be told from outside: /,
    );
    expect(stdout).toContain('\nUnknown: ');
    expect(stdout).toContain('foreign_a.node');
    expect(stdout).toContain('  to tell sigbridge trace');
  });
});

describe('a shell that waits', () => {
  test.each([
    ['for a command', 'trap "exit 7" TERM; sleep 600; :', false],
    ['for what a command writes', 'trap "exit 7" TERM; x=$(sleep 600); :', false],
    ['for what it has in the background', 'trap "exit 7" TERM; sleep 600 & wait', true],
    [
      'for what resets its signals, as Node does',
      `trap "exit 7" TERM; ${process.execPath} -e "setInterval(()=>{},1e6)" & wait`,
      true,
    ],
  ])('%s', async (_, script, acts) => {
    const shell = await start(bash(script));
    const pid = await childOf(shell.pid, script.includes('sleep') ? 'sleep' : 'node');
    await untilWaitsIn(shell.pid, acts ? /do_wait/ : /do_wait|pipe_read/);
    const found = await diagnosed(shell.pid, 'SIGTERM');
    expect(found.acts).toBe(acts);
    kill(shell.pid, 'SIGTERM');
    if (!acts) {
      await untilState(shell.pid, 'S');
      kill(pid, 'SIGKILL');
    }
    expect(await shell.end).toEqual({ code: 7, signal: null });
  });

  test('in the background of a script, for a command', async () => {
    const outer = await start(bash('bash --norc -c "trap \'exit 7\' TERM; sleep 600; :" & wait'));
    const shell = await childOf(outer.pid, 'bash');
    await childOf(shell, 'sleep');
    await untilWaitsIn(shell, /do_wait/);
    // What it runs ignores SIGINT, too, and yet is no job of the background.
    expect(await diagnosed(shell, 'SIGTERM')).toMatchObject({ acts: false });
  });

  test.each(['timeout 600 sleep 601; :', 'setsid -w sleep 600; :'])(
    'for one that has left the job: %s',
    async (script) => {
      const terminal = onTerminal(['bash', '--norc', '-c', script]);
      const isTimeout = script.startsWith('timeout');
      const child = await childOf(terminal.pid, isTimeout ? 'timeout' : 'sleep');
      // It leaves the group before it starts the command.
      if (isTimeout) await childOf(child, 'sleep');
      const found = await diagnosed(terminal.pid, 'SIGINT');
      expect(found).toMatchObject({ acts: false, effect: 'nothing' });
      expect(found.cause('wrapper').culprit?.pid).toBe(child);
      terminal.write(CTRL_C);
      terminal.write('x');
      await terminal.waitFor(/x/);
      await untilState(terminal.pid, 'S');
      kill(child, 'SIGKILL');
    },
  );
});

describe('who has ignored it is a conclusion', () => {
  test('a trap of the shell itself', async () => {
    const { pid } = await start(bash("trap '' INT; echo ready; read line"), { says: 'ready' });
    await untilIgnored(pid, 'SIGINT');
    const { conclusions, culprit, remedy } = (await diagnosed(pid, 'SIGINT')).cause('ignored');
    expect(conclusions).toEqual(["The shell has been told so: trap '' INT."]);
    expect(culprit).toBeNull();
    expect(remedy.join()).not.toContain('default-signal');
  });

  test("Python's own ignoring of SIGPIPE", async () => {
    const { pid } = await start(python("print('ready', flush=True); input()"), { says: 'ready' });
    const { conclusions, culprit, remedy } = (await diagnosed(pid, 'SIGPIPE')).cause('ignored');
    expect(conclusions).toEqual(['Python ignores SIGPIPE itself, at its start.']);
    expect(culprit).toBeNull();
    expect(remedy.join()).not.toContain('env --');
  });
});

describe('Python', () => {
  test('in one long call: nobody can tell', async () => {
    const { pid } = await start(python("print('ready', flush=True); sum(range(10**12))"), {
      says: 'ready',
    });
    await untilCaught(pid, 'SIGINT');
    const found = await diagnosed(pid, 'SIGINT', { by: 'kill' });
    expect(found).toMatchObject({ acts: null, effect: 'unknown' });
    expect(found.rules[0]).toBe('main-thread-busy');
  });

  test('asleep takes it, and what its handler does is not claimed', async () => {
    const { pid } = await start(
      python(
        "import signal, time\nsignal.signal(2, lambda *a: print('heard', flush=True))\nprint('ready', flush=True)\nwhile True: time.sleep(100)",
      ),
      { says: 'ready' },
    );
    await untilWaitsIn(pid, /nanosleep/);
    const found = await diagnosed(pid, 'SIGINT', { by: 'kill' });
    expect(found).toMatchObject({ acts: true, effect: 'runs' });
    expect(found.verdict).toContain('or another that it has set');
  });

  test('with an event loop that it does not wait in: nobody can tell', async () => {
    const script = `
import asyncio, signal, time
async def main():
  asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, print)
  print('ready', flush=True)
  time.sleep(600)
asyncio.run(main())`;
    const { pid } = await start(python(script), { says: 'ready' });
    await untilWaitsIn(pid, /nanosleep/);
    expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: null });
  });
});

test('a relay is told as such, and the program inside named', async () => {
  const terminal = onTerminal(['script', '-qec', 'exec sleep 600', '/dev/null']);
  await untilNamed(terminal.pid, 'script');
  const inner = await childOf(terminal.pid, 'sleep');
  const found = await diagnosed(terminal.pid, 'SIGINT');
  expect(found).toMatchObject({ acts: true, by: 'key' });
  const { culprit, remedy } = found.cause('relay');
  expect(culprit?.pid).toBe(inner);
  expect(remedy).toEqual([`Ask about the one inside: sigbridge doctor ${String(inner)}`]);
  expect(remedy.join()).not.toContain('stty');
  terminal.write(CTRL_C);
  expect(await terminal.exit).toMatchObject({ code: 130 });
});

test.each(['ssh', 'docker', 'kubectl'])('%s leaves the key to its other end', async (name) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-relay-'));
  const client = path.join(folder, name);
  fs.copyFileSync('/bin/sleep', client);
  const terminal = onTerminal(['sh', '-c', `stty raw; exec ${client} 600`]);
  await untilNamed(terminal.pid, name);
  const found = await diagnosed(terminal.pid, 'SIGINT');
  expect(found).toMatchObject({ acts: null, rules: ['relay'] });
  expect(found.cause('relay').remedy.join()).not.toContain('stty');
  terminal.hangUp();
  await terminal.exit;
  fs.rmSync(folder, { recursive: true });
});

test('who reads single keys decides what the key does', async () => {
  const terminal = onTerminal(['sh', '-c', 'stty raw; echo ready; exec sleep 600']);
  await terminal.waitFor(/ready/);
  await untilNamed(terminal.pid, 'sleep');
  const found = await diagnosed(terminal.pid, 'SIGINT');
  expect(found).toMatchObject({ acts: null, rules: ['no-isig'] });
});

test('a program that is no shell, and ends alone, is named with what goes on', async () => {
  const lock = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-lock-')), 'lock');
  const parent = await start(['env', '--default-signal', 'flock', lock, 'sleep', '600']);
  await untilNamed(parent.pid, 'flock');
  const pid = await childOf(parent.pid, 'sleep');
  const found = await diagnosed(parent.pid, 'SIGTERM');
  expect(found).toMatchObject({ acts: true, effect: 'ends' });
  expect(found.cause('wrapper').title).toContain(`but not process ${String(pid)} (sleep 600)`);
  kill(parent.pid, 'SIGTERM');
  await parent.end;
  await untilState(pid, 'S');
  fs.rmSync(path.dirname(lock), { recursive: true });
});

test('a thread of the kernel gets no remedy that cannot work', async () => {
  const threads = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isKernels(name));
  // In a container none is seen.
  for (const pid of threads.slice(0, 1)) {
    const found = await diagnosed(Number(pid), 'SIGTERM');
    expect(found).toMatchObject({ acts: false, rules: ['kernel-thread'] });
    expect(found.causes[0]?.remedy.join()).not.toContain('COMMAND');
  }
});

function isKernels(pid: string): boolean {
  try {
    return /^Kthread:\s*1$/m.test(fs.readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
