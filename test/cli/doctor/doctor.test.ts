import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { fixturePath } from '../../support/fixtures';
import { untilBlocked, untilCaught, untilPending, untilState } from '../../support/kernel';
import { freezers, freeze } from '../../support/freezers';
import { kill } from '../../support/kill';
import {
  asUser,
  childOf,
  diagnosed,
  start,
  untilNamed,
  untilWaitsIn,
} from '../../support/patients';
import { IS_ROOT, UNSHARE } from '../../support/unshare';

const NOBODY = 65534;

/** A `sleep` that `env` has started, so that it inherits nothing of jest's. */
async function sleeper(...options: string[]): Promise<Awaited<ReturnType<typeof start>>> {
  const patient = await start(['env', '--default-signal', ...options, 'sleep', '600']);
  await untilNamed(patient.pid, 'sleep');
  return patient;
}

async function shell(script: string): Promise<Awaited<ReturnType<typeof start>>> {
  return start(['env', '--default-signal', 'sh', '-c', `echo ready; ${script}`], { says: 'ready' });
}

test('a signal that nothing keeps away acts', async () => {
  const { pid, end } = await sleeper();
  const found = await diagnosed(pid, 'SIGINT', { by: 'kill' });
  expect(found).toMatchObject({
    acts: true,
    disposition: 'default',
    command: 'sleep 600',
  });
  expect(found.verdict).toBe(
    `SIGINT will act on process ${String(pid)} (sleep 600): the default action ends it.`,
  );
  expect(found.causes.filter(({ importance }) => importance !== 'note')).toEqual([]);
  kill(pid, 'SIGINT');
  expect(await end).toEqual({ code: null, signal: 'SIGINT' });
});

describe('ignored', () => {
  test('names the first ancestor that does not ignore it, and those between', async () => {
    const outer = await start([
      'env',
      '--default-signal',
      'sh',
      '-c',
      'env --ignore-signal=TERM sh -c "sleep 600; true"; true',
    ]);
    const middle = await childOf(outer.pid, 'sh');
    const pid = await childOf(middle, 'sleep');
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: false, disposition: 'ignored' });
    expect(found.rules[0]).toBe('ignored');
    expect(found.verdict).toMatch(
      /^SIGTERM will not act on process \d+ \(sleep 600\): SIGTERM is ignored\.$/,
    );
    const { culprit, evidence, conclusions } = found.cause('ignored');
    expect(culprit?.pid).toBe(outer.pid);
    expect(culprit?.command).toMatch(/^sh -c env --ignore-signal=TERM/);
    expect(evidence.join('\n')).toContain(
      `process ${String(middle)} (sh -c sleep 600; true) above it ignores it too`,
    );
    expect([...evidence, ...conclusions].join('\n')).not.toContain('job control');
    kill(pid, 'SIGTERM');
    await untilState(pid, 'S');
  });

  test.each(['sh', 'bash'])('names the background job of %s without job control', async (name) => {
    const parent = await start(['env', '--default-signal', name, '-c', 'sleep 600 & wait']);
    const pid = await childOf(parent.pid, 'sleep');
    const found = await diagnosed(pid, 'SIGINT');
    expect(found).toMatchObject({ acts: false });
    const { culprit, conclusions } = found.cause('ignored');
    expect(culprit).toEqual({ pid: parent.pid, command: `${name} -c sleep 600 & wait` });
    expect(conclusions.join('\n')).toContain('is a shell without job control');
    expect((await diagnosed(pid, 'SIGTERM')).acts).toBe(true);
  });

  test('by everybody above is said so', async () => {
    const script = 'sleep 600 & while :; do wait; done';
    const unshare = [...UNSHARE, '--pid', '--fork', '--mount-proc', '--kill-child'];
    const outer = await start([
      'env',
      '--ignore-signal=USR1',
      ...unshare,
      'sh',
      '-c',
      script,
    ] as never);
    const init = await childOf(outer.pid, 'sh');
    const pid = await childOf(init, 'sleep');
    const { evidence } = (await diagnosed(pid, 'SIGUSR1')).cause('ignored');
    // From outside there is one who does not: jest.
    expect(evidence.join('\n')).toContain('The first ancestor that does not ignore SIGUSR1');
  });
});

describe('blocked', () => {
  test('in its only thread, and pending', async () => {
    const { pid } = await sleeper('--block-signal=TERM');
    const before = await diagnosed(pid, 'SIGTERM');
    expect(before.acts).toBe(false);
    expect(before.rules).toContain('blocked');
    expect(before.rules).not.toContain('pending');
    kill(pid, 'SIGTERM');
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found.rules.slice(0, 1)).toEqual(['blocked']);
    expect(found.cause('blocked').title).toBe('SIGTERM is blocked in its only thread');
    expect(found.cause('pending').evidence[0]).toContain('ShdPnd');
    expect((await diagnosed(pid, 'SIGKILL')).acts).toBe(true);
  });

  test('for an instant only, as around fork and sigsuspend: it is none', async () => {
    const script = `
import select, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print('ready', flush=True)
while not select.select([sys.stdin], [], [], 0)[0]: pass
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
signal.pause()`;
    const { pid, child, end } = await start(['/usr/bin/python3', '-c', script], { says: 'ready' });
    await untilBlocked(pid, 'SIGTERM');
    const looked = diagnosed(pid, 'SIGTERM'); // has read the mask when it gives back
    child.stdin?.write('go on\n');
    expect(await looked).toMatchObject({ acts: true, causes: [] });
    kill(pid, 'SIGTERM');
    expect(await end).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('by a program that works without a pause', async () => {
    const script = `
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print('ready', flush=True)
while True: pass`;
    const { pid } = await start(['/usr/bin/python3', '-c', script], { says: 'ready' });
    expect((await diagnosed(pid, 'SIGTERM')).rules).toContain('blocked');
  });

  const threads = (blocking: string): string => `
import signal, threading
signal.signal(signal.SIGUSR2, signal.SIG_DFL)
ready = threading.Barrier(4)
def work(block):
    if block: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    ready.wait()
    threading.Event().wait()
for one in range(3): threading.Thread(target=work, args=(${blocking},), daemon=True).start()
${blocking === 'True' ? '' : 'signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})'}
ready.wait()
print('ready', flush=True)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2}) if ${blocking === 'all' ? 'True' : 'False'} else None
threading.Event().wait()`;

  test('in all but some threads is a note: the signal still acts', async () => {
    const { pid, end } = await start(['/usr/bin/python3', '-c', threads('True')], {
      says: 'ready',
    });
    const found = await diagnosed(pid, 'SIGUSR2');
    expect(found).toMatchObject({ acts: true });
    expect(found.cause('blocked')).toMatchObject({
      importance: 'note',
      title: 'SIGUSR2 is blocked in 3 of 4 threads',
    });
    expect(found.cause('blocked').evidence[0]).toContain(
      `Only ${String(pid)} (python3) can take it`,
    );
    kill(pid, 'SIGUSR2');
    expect(await end).toEqual({ code: null, signal: 'SIGUSR2' });
  });

  test('in all of several threads', async () => {
    const script = threads('True').replace(
      "print('ready'",
      "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})\nprint('ready'",
    );
    const { pid } = await start(['/usr/bin/python3', '-c', script], { says: 'ready' });
    const found = await diagnosed(pid, 'SIGUSR2');
    expect(found).toMatchObject({ acts: false });
    expect(found.cause('blocked').title).toBe('SIGUSR2 is blocked in all threads');
    expect(found.cause('blocked').evidence[0]).toContain('of all 4 threads');
  });

  test('but taken by sigwaitinfo: it acts', async () => {
    const { pid, end } = await start([fixturePath('receiver'), '10'], { says: 'ready' });
    await untilWaitsIn(pid, /sigtimedwait/);
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: true });
    expect(found.verdict).toContain('it takes the signal itself, without a handler');
    kill(pid, 'SIGTERM');
    expect(await end).toEqual({ code: 0, signal: null });
  });

  test('but read from a signalfd: it acts', async () => {
    const script = `
import ctypes, os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
mask = (ctypes.c_ulong * 16)(1 << (signal.SIGTERM - 1))
fd = ctypes.CDLL(None).signalfd(-1, mask, 0)
print('ready', flush=True)
os.read(fd, 128)`;
    const { pid, end } = await start(['/usr/bin/python3', '-c', script], { says: 'ready' });
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: true });
    expect(found.cause('blocked').title).toContain('signalfd');
    kill(pid, 'SIGTERM');
    expect(await end).toEqual({ code: 0, signal: null });
  });
});

describe('caught, or not, by a process that does not run', () => {
  test('stopped', async () => {
    const { pid, end } = await sleeper();
    kill(pid, 'SIGSTOP');
    await untilState(pid, 'T');
    kill(pid, 'SIGTERM');
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: false });
    expect(found.rules.filter((rule) => rule !== 'no-terminal')).toEqual(['stopped', 'pending']);
    await untilPending(pid, 'SIGTERM');
    expect((await diagnosed(pid, 'SIGKILL')).acts).toBe(true);
    expect((await diagnosed(pid, 'SIGCONT')).acts).toBe(true);
    kill(pid, 'SIGCONT');
    expect(await end).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('uninterruptible', async () => {
    const { pid } = await start([fixturePath('vfork'), '--catch', '15'], { says: 'ready' });
    await untilState(pid, 'D');
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: false });
    expect(found.rules[0]).toBe('uninterruptible');
    expect(found.cause('uninterruptible').evidence.join('\n')).toMatch(
      /state D, without a change for \d{3,} ms/,
    );
    kill(pid, 'SIGTERM');
    await untilPending(pid, 'SIGTERM');
    await untilState(pid, 'D');
    expect((await diagnosed(pid, 'SIGTERM')).rules).toContain('pending');
  });

  test('uninterruptible, but for what ends it', async () => {
    const { pid, end } = await start([fixturePath('vfork')], { says: 'ready' });
    await untilState(pid, 'D');
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: true });
    expect(found.cause('uninterruptible').importance).toBe('note');
    kill(pid, 'SIGTERM');
    expect(await end).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('held by a tracer', async () => {
    const { pid } = await sleeper();
    const tracer = await start([fixturePath('tracer'), String(pid), 'hold'], { says: 'ready' });
    await untilState(pid, 't');
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: false });
    expect(found.rules[0]).toBe('traced');
    expect(found.cause('traced').culprit?.pid).toBe(tracer.pid);
    expect((await diagnosed(pid, 'SIGKILL')).acts).toBe(true);
  });

  test('traced, and running: the tracer decides', async () => {
    const { pid } = await sleeper();
    await start([fixturePath('tracer'), String(pid), 'swallow'], { says: 'ready' });
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found.cause('traced')).toMatchObject({ importance: 'unknown' });
    expect(found).toMatchObject({ acts: null });
    expect(found.verdict).toContain('which sees each signal first');
  });

  // Only root makes groups in one.
  test('there is a freezer to try, for root', () => {
    expect(freezers().length > 0).toBe(IS_ROOT);
  });

  for (const freezer of freezers()) {
    test(`frozen by a cgroup of version ${freezer.version}`, async () => {
      const catching = await shell('trap : TERM; read line');
      await untilCaught(catching.pid, 'SIGTERM');
      const { file } = await freeze(freezer, catching.pid);
      kill(catching.pid, 'SIGTERM');
      const found = await diagnosed(catching.pid, 'SIGTERM');
      expect(found).toMatchObject({ acts: false });
      expect(found.rules[0]).toBe('frozen');
      expect(found.rules).not.toContain('uninterruptible');
      expect(found.rules).toContain('pending');
      expect(found.cause('frozen').evidence[0]).toContain(file);
      // Of version 2 it is said that what is frozen can be killed.
      expect((await diagnosed(catching.pid, 'SIGKILL')).acts).toBe(freezer.version === 2);
    });
  }
});

describe('an event loop that is blocked', () => {
  const node = (script: string): readonly [string, ...string[]] => [
    'env',
    '--default-signal',
    process.execPath,
    '-e',
    script,
  ];

  test('by work without a pause, the signal consumed', async () => {
    const script =
      "process.on('SIGINT', () => {}); setTimeout(() => { fs.writeSync(1, 'ready'); for (;;); })";
    const { pid } = await start(node(script), { says: 'ready' });
    await untilState(pid, 'R');
    kill(pid, 'SIGINT');
    const found = await diagnosed(pid, 'SIGINT', { by: 'kill' });
    expect(found).toMatchObject({ acts: false, disposition: 'caught' });
    expect(found.rules[0]).toBe('event-loop-blocked');
    expect(found.rules).not.toContain('pending');
    expect(found.cause('event-loop-blocked').evidence.join('\n')).toMatch(
      /has run \d+ % of \d{3,} ms, wanted a processor for (9\d|100) % of them/,
    );
    expect((await diagnosed(pid, 'SIGKILL')).acts).toBe(true);
  });

  test('by a synchronous wait', async () => {
    const script =
      "process.on('SIGINT', () => {}); console.log('ready'); fs.readSync(0, Buffer.alloc(1))";
    const { pid } = await start(node(script), { says: 'ready' });
    await untilWaitsIn(pid, /read/);
    const found = await diagnosed(pid, 'SIGINT', { by: 'kill' });
    expect(found).toMatchObject({ acts: false });
    expect(found.cause('event-loop-blocked').title).toContain('waits in a synchronous call');
  });

  test.each(['kill', 'key'] as const)('by execSync, whose child writes: %s', async (by) => {
    const script =
      "process.on('SIGINT', () => {}); console.log('ready'); " +
      "setTimeout(() => execSync('read line; while :; do echo; sleep 0.1; done', { stdio: ['inherit', 'pipe'], shell: 'bash' }))";
    const { pid, child } = await start(
      node(`const { execSync } = require('node:child_process'); ${script}`),
      {
        says: 'ready',
      },
    );
    const shell = await childOf(pid, 'bash');
    await untilWaitsIn(pid, /epoll|ep_poll/);
    child.stdin?.write('go\n');
    await childOf(shell, 'sleep');
    const found = await diagnosed(pid, 'SIGINT', { by });
    expect(found.acts).toBe(false);
    const { importance, title } = found.cause('event-loop-blocked');
    expect(title).toContain("waits for a child's end");
    // The key reaches the child too.
    expect(importance).toBe(by === 'key' ? 'warning' : 'prevents');
  });

  test('is not one that waits for a child and for events', async () => {
    const script =
      "process.on('SIGINT', () => process.exit(7)); require('node:child_process').spawn('sleep', ['600']); console.log('ready')";
    const { pid, end } = await start(node(script), { says: 'ready' });
    await childOf(pid, 'sleep');
    await untilWaitsIn(pid, /epoll|ep_poll/);
    expect(await diagnosed(pid, 'SIGINT', { by: 'kill' })).toMatchObject({ acts: true });
    kill(pid, 'SIGINT');
    expect(await end).toEqual({ code: 7, signal: null });
  });

  test("without a listener Node's own handler needs no event loop", async () => {
    const script = "setTimeout(() => { fs.writeSync(1, 'ready'); for (;;); })";
    const { pid, end } = await start(node(script), { says: 'ready' });
    await untilState(pid, 'R');
    expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: true });
    kill(pid, 'SIGTERM');
    expect(await end).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('is not one that has nothing to do', async () => {
    const script =
      "process.on('SIGINT', () => process.exit(7)); setInterval(() => {}, 1e6); console.log('ready')";
    const { pid, end } = await start(node(script), { says: 'ready' });
    await untilState(pid, 'S');
    expect(await diagnosed(pid, 'SIGINT', { by: 'kill' })).toMatchObject({
      acts: true,
    });
    kill(pid, 'SIGINT');
    expect(await end).toEqual({ code: 7, signal: null });
  });
});

describe('who cannot be reached', () => {
  test('no such process', async () => {
    const { pid, end } = await start(['true']);
    await end;
    const found = await diagnosed(pid, 'SIGINT');
    expect(found).toMatchObject({
      acts: false,
      command: null,
      rules: ['no-such-process'],
    });
    expect(found.verdict).toBe(`SIGINT will not act: there is no process ${String(pid)}.`);
  });

  test('a process that ends while it is looked at', async () => {
    const script = "console.log('ready'); process.on('SIGINT', () => {}); for (;;);";
    const { pid, end } = await start([process.execPath, '-e', script], { says: 'ready' });
    await untilCaught(pid, 'SIGINT');
    const looking = diagnosed(pid, 'SIGINT', { by: 'kill' });
    kill(pid, 'SIGKILL');
    await end;
    const { acts, rules } = await looking;
    expect(acts).toBe(false);
    // Who asks first, its parent or the doctor, is left open.
    expect(['no-such-process', 'zombie']).toContain(rules[0]);
  });

  test('a zombie, and its parent', async () => {
    const parent = await start(['sh', '-c', 'sleep 600 & exec cat']);
    await untilNamed(parent.pid, 'cat');
    const pid = await childOf(parent.pid, 'sleep');
    kill(pid, 'SIGKILL');
    await untilState(pid, 'Z');
    const found = await diagnosed(pid, 'SIGKILL');
    expect(found).toMatchObject({ acts: false });
    expect(found.rules[0]).toBe('zombie');
    expect(found.cause('zombie').culprit).toEqual({ pid: parent.pid, command: 'cat' });
  });

  test('not one whose main thread alone has ended', async () => {
    const script = `
import ctypes, threading
threading.Thread(target=threading.Event().wait).start()
print('ready', flush=True)
ctypes.CDLL(None).pthread_exit(None)`;
    const { pid, end } = await start(
      ['env', '--default-signal', '/usr/bin/python3', '-c', script],
      {
        says: 'ready',
      },
    );
    await untilState(pid, 'Z');
    const found = await diagnosed(pid, 'SIGTERM');
    // Of such a process the kernel shows only root what it has open.
    expect(found.acts).toBe(IS_ROOT ? true : null);
    expect(found.rules).not.toContain('zombie');
    kill(pid, 'SIGTERM');
    expect(await end).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test("another user's process", async () => {
    // Whoever is not root asks about the first process, which is root's.
    const pid = IS_ROOT ? (await sleeper()).pid : 1;
    const user = IS_ROOT ? NOBODY : (process.getuid?.() ?? 0);
    const found = IS_ROOT ? await asUser(user, pid, 'SIGTERM') : await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: false });
    expect(found.rules[0]).toBe('not-permitted');
    const { evidence } = found.cause('not-permitted');
    expect(evidence).toContain(`kill(${String(pid)}, 0) fails with EPERM.`);
    expect(evidence.join()).toContain(`this command as user ${String(user)}`);
  });

  test('a thread stands for its process', async () => {
    const script = "setInterval(() => {}, 1e6); console.log('ready')";
    const { pid } = await start([process.execPath, '-e', script], { says: 'ready' });
    const tasks = fs.readdirSync(path.join('/proc', String(pid), 'task')).map(Number);
    const thread = tasks.find((tid) => tid !== pid) ?? 0;
    expect((await diagnosed(thread, 'SIGTERM')).pid).toBe(pid);
  });
});

describe('what the signal does by default', () => {
  test.each([
    ['SIGTERM', true, 'the default action ends it'],
    ['SIGQUIT', true, 'with a core dump'],
    ['SIGSTOP', true, 'the default action stops it'],
    ['SIGKILL', true, 'nothing can keep that'],
    ['SIGWINCH', false, 'whose default action is to do nothing'],
    ['SIGCHLD', false, 'whose default action is to do nothing'],
    ['SIGCONT', false, 'it is not stopped'],
    ['SIGRTMIN+3', true, 'the default action ends it'],
  ])('%s', async (signal, acts, words) => {
    const { pid } = await sleeper();
    const found = await diagnosed(pid, signal, { by: 'kill' });
    expect(found).toMatchObject({ acts, signal });
    expect(found.verdict).toContain(words);
  });

  test('a stop in an orphaned process group', async () => {
    const patient = await start(['sleep', '600'], { detached: true });
    const found = await diagnosed(patient.pid, 'SIGTSTP');
    expect(found).toMatchObject({ acts: false });
    expect(found.rules[0]).toBe('orphaned-group');
    kill(patient.pid, 'SIGTSTP');
    await untilState(patient.pid, 'S');
    expect((await diagnosed(patient.pid, 'SIGSTOP')).acts).toBe(true);
  });
});

test('several causes at once are all found, the important first', async () => {
  const script = 'sleep 600 & wait';
  const parent = await start(
    ['env', '--default-signal', '--block-signal=INT', 'sh', '-c', script],
    { detached: true },
  );
  const pid = await childOf(parent.pid, 'sleep');
  await untilBlocked(pid, 'SIGINT');
  kill(pid, 'SIGSTOP');
  await untilState(pid, 'T');
  kill(pid, 'SIGINT');
  await untilPending(pid, 'SIGINT');
  const found = await diagnosed(pid, 'SIGINT');
  expect(found.rules).toEqual([
    'ignored',
    'blocked',
    'stopped',
    'wrapper',
    'no-terminal',
    'pending',
  ]);
  const weights = found.causes.map(({ importance }) =>
    ['prevents', 'warning', 'note'].indexOf(importance),
  );
  expect(weights).toEqual([...weights].sort());
  for (const { evidence, remedy } of found.causes) {
    expect(evidence.length).toBeGreaterThan(0);
    expect(remedy.length).toBeGreaterThan(0);
  }
});
