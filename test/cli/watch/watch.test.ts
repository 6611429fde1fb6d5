import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { cat } from '../../support/cat';
import { onTestEnd } from '../../support/cleanup';
import { flood } from '../../support/fixtures';
import { start, stateOf } from '../../support/inits';
import { until, untilBlocked, untilCaught, untilGone } from '../../support/kernel';
import { kill, killQuietly } from '../../support/kill';
import { CTRL_C, onTerminal } from '../../support/pty';
import { SIGBRIDGE, toEnd } from '../../support/run';
import { CAN_WATCH, instances, type Seen, watching } from '../../support/watching';

describe('wrong usage', () => {
  test.each([
    [[], "'watch' takes pids, or --all, or --command, or --exec with a command."],
    [['--all', '12'], "'watch' takes pids, or --all"],
    [['--all', '--exec', 'true'], "'watch' takes pids, or --all"],
    [['--exec'], '--exec takes a command.'],
    [['x'], "Invalid pid: 'x'"],
    [['--all', '--signal', 'SIGFOO'], "Unknown signal 'SIGFOO'"],
    [['--all', '--signal', 'SIGTERM,'], "Unknown signal ''"],
    [['--all', '--for=-1'], "Invalid time: '-1'; expected seconds"],
    [['--all', '--for', 'soon'], "Invalid time: 'soon'; expected seconds"],
    [['--all', '--frob'], "Unknown option '--frob'"],
  ])('%j', (args, text) => {
    const { status, stdout, stderr } = toEnd([SIGBRIDGE, 'watch', ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(text);
  });
});

// Everybody else is told what is missing, and what to do instead.
function refused(...words: string[]): string {
  const { status, stdout, stderr } = toEnd([...words, SIGBRIDGE, 'watch', '--all', '--for', '1']);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('strace -f -e trace=none -e signal=all -p <pid>');
  return stderr;
}

if (!CAN_WATCH) {
  test('where the record cannot be read, it says what is missing', () => {
    expect(refused()).toMatch(/is for root|PID namespace|tracefs/);
  });
} else {
  describe('as root', describeRoot);
}

/** A program that is sent signals, and where it stands with them. */
async function sleeper(...before: string[]): Promise<number> {
  const { pid = 0 } = start([...before, 'sleep', '1000']);
  await until(
    () => fs.readFileSync(`/proc/${String(pid)}/comm`, 'utf8') === 'sleep\n',
    'sleep to start',
  );
  return pid;
}

const names = (one: Seen): string[] => one.sender?.ancestors.map(({ command }) => command) ?? [];

function describeRoot(): void {
  test('others are told that it takes root', () => {
    expect(refused('setpriv', '--reuid=65534', '--clear-groups', 'node')).toContain('is for root');
  });

  test('in a PID namespace it says that the numbers are not the same', () => {
    expect(refused('unshare', '-pf', '--mount-proc')).toContain('--privileged --pid=host');
  });

  test('where nothing can be mounted it says so', () => {
    // Others may have mounted it for all.
    const alone = ['unshare', '-m', 'sh', '-c', 'umount -aq -t tracefs; exec "$@"', 'sh'];
    const words = ['setpriv', '--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
    expect(refused(...alone, ...words)).toMatch(
      /tracefs is not mounted, and cannot be \(.*\): mount -t tracefs/,
    );
  });

  test('who killed it: the sender that is gone, and who had started it', async () => {
    const pid = await sleeper();
    const { seen, exit, ended } = await watching([String(pid)]);
    // Not only as long as it takes: its own command line is to be seen.
    const script = `python3 -c 'import os; os.kill(${String(pid)}, 9)'; read x`;
    start(['sh', '-c', script, 'the-culprit']);
    // Nothing is left to be watched.
    expect(await exit).toEqual([0, null]);
    const [killing] = seen.filter(({ signal }) => signal === 'SIGKILL');
    expect(killing).toMatchObject({ code: 'SI_USER', outcome: 'killed', target: { pid } });
    expect(killing?.sender?.command).toMatch(/kill/);
    expect(killing && names(killing)[0]).toBe(`sh -c ${script} the-culprit`);
    expect(ended()).toMatchObject({ lost: 0, unreadable: 0 });
  });

  test('what becomes of each', async () => {
    const { pid, seen, exit, ended, waitFor, endInput } = await watching([
      '--exec',
      ...[
        'sh',
        '-c',
        `trap '' HUP; trap : USR1; kill -HUP $$; kill -USR1 $$; kill -WINCH $$; read x; exit 3`,
      ],
    ]);
    await waitFor('the last', ({ signal }) => signal === 'SIGWINCH');
    endInput();
    expect(await exit).toEqual([3, null]);
    const became = seen.map(({ signal, outcome }) => `${signal} ${outcome}`);
    expect(became).toEqual(['SIGHUP ignored', 'SIGUSR1 handled', 'SIGWINCH ignored']);
    expect(seen[1]?.handler).toMatch(/\((dash|bash|busybox|sh)\)$/);
    expect(seen[1]?.sender?.pid).toBe(seen[1]?.target.pid);
    expect(ended()).toMatchObject({ seen: 3 });
    await until(() => !instances().includes(`sigbridge-${String(pid)}`), 'it to be removed');
  });

  test('it ends as the command that it has started', async () => {
    const { seen, exit } = await watching(['--exec', 'sh', '-c', 'kill -TERM $$']);
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(seen).toMatchObject([{ signal: 'SIGTERM', outcome: 'killed' }]);
    expect(await (await watching(['--exec', 'no-such-command'])).exit).toEqual([127, null]);
  });

  test('blocked, folded, and taken in the end', async () => {
    const pid = await sleeper('env', '--block-signal=TERM');
    await untilBlocked(pid, 'SIGTERM');
    const { waitFor, stop } = await watching([String(pid)]);
    kill(pid, 'SIGTERM');
    const pending = await waitFor('it to be pending', ({ outcome }) => outcome === 'pending');
    kill(pid, 'SIGTERM');
    await waitFor('the second one', ({ outcome }) => outcome === 'merged');
    kill(pid, 'SIGKILL');
    await waitFor('its end', ({ id, outcome }) => id === pending.id && outcome === 'ended');
    const { summary } = await stop();
    const terms = summary.find(({ signal }) => signal === 'SIGTERM');
    expect(terms).toMatchObject({ count: 2, outcomes: { merged: 1, ended: 1 } });
  });

  test('taken by sigwait', async () => {
    const code = `import signal; signal.pthread_sigmask(0, [10]); print(1, flush=True); signal.sigwait([10]); signal.sigwait([10])`;
    const child = start(['python3', '-c', code]);
    await once(child.stdout, 'data');
    const { waitFor } = await watching([String(child.pid)]);
    kill(child.pid, 'SIGUSR1');
    await waitFor('it to be taken', ({ outcome }) => outcome === 'taken');
  });

  test("the kernel's own: a key, a timer, a fault", async () => {
    const terminal = onTerminal(['sh', '-c', 'trap : INT; echo ready; while :; do read x; done']);
    await terminal.waitFor(/ready/);
    const { waitFor } = await watching([String(terminal.pid)]);
    terminal.write(CTRL_C);
    const key = await waitFor('the key', ({ signal }) => signal === 'SIGINT');
    expect(key).toMatchObject({ sender: null, reason: 'a key on the terminal', code: 'SI_KERNEL' });
    const timer = await watching([
      '--signal',
      'SIGALRM',
      '--exec',
      'python3',
      '-c',
      'import signal; signal.alarm(1); signal.pause()',
    ]);
    expect(await timer.exit).toEqual([null, 'SIGALRM']);
    expect(timer.seen).toMatchObject([{ signal: 'SIGALRM', sender: null, reason: 'its timer' }]);
    const fault = await watching([
      ...['--signal', 'SIGSEGV'],
      ...['--exec', 'python3', '-c', 'import ctypes; ctypes.string_at(0)'],
    ]);
    expect(await fault.exit).toEqual([null, 'SIGSEGV']);
    expect(fault.seen).toMatchObject([
      { signal: 'SIGSEGV', sender: null, reason: 'a fault of its own', outcome: 'killed' },
    ]);
  });

  test('--signal and --command leave the rest out', async () => {
    const file = `/tmp/sigbridge-${String(process.pid)}`;
    fs.copyFileSync('/bin/sleep', file);
    fs.chmodSync(file, 0o755);
    onTestEnd(() => {
      fs.rmSync(file);
    });
    const { pid = 0 } = start([file, '1000']);
    const other = await sleeper();
    const name = file.slice('/tmp/'.length);
    const { seen, waitFor } = await watching(['--command', name, '--signal', 'SIGWINCH,SIGTERM']);
    kill(other, 'SIGWINCH');
    kill(pid, 'SIGURG');
    kill(pid, 'SIGWINCH');
    kill(pid, 'SIGTERM');
    await waitFor('the last', ({ signal }) => signal === 'SIGTERM');
    expect(seen.map(({ signal, target }) => [signal, target.pid])).toEqual([
      ['SIGWINCH', pid],
      ['SIGTERM', pid],
    ]);
  });

  test('a thread that began during the watch', async () => {
    const code = `import signal, threading, os
signal.signal(10, lambda *_: None)
print(1, flush=True)
input()
t = threading.Thread(target=lambda: threading.Event().wait()); t.daemon = True; t.start()
print(2, flush=True)
input()
signal.pthread_kill(t.ident, 10)
input()`;
    const child = start(['python3', '-c', code]);
    await once(child.stdout, 'data');
    const { waitFor } = await watching([String(child.pid)]);
    child.stdin.write('\n');
    await once(child.stdout, 'data');
    child.stdin.write('\n');
    const {
      target,
      code: how,
      outcome,
    } = await waitFor('it', ({ signal }) => signal === 'SIGUSR1');
    expect({ how, outcome }).toEqual({ how: 'SI_TKILL', outcome: 'handled' });
    expect(target.thread).not.toBe(child.pid);
    expect(target.pid).toBe(child.pid);
  });

  test('a name with a newline forges nothing', async () => {
    const pid = await sleeper();
    const { waitFor, stop } = await watching([String(pid)]);
    const script = `printf 'a\\n-1 [0] b' >/proc/$$/comm; kill -TERM ${String(pid)}; read x`;
    start(['bash', '-c', script]);
    const one = await waitFor('it', ({ signal }) => signal === 'SIGTERM');
    expect(one.sender?.command).toContain('printf');
    expect(await stop()).toMatchObject({ unreadable: 0, lost: 0 });
  });

  test('what the kernel had no room for is counted', async () => {
    const receiver = await cat(['env', '--ignore-signal=RTMIN+6']);
    const { pid, stop } = await watching(['--all', '--signal', 'SIGRTMIN+6']);
    kill(pid, 'SIGSTOP');
    await until(() => stateOf(pid) === 'T', 'the watch to stop');
    await flood(receiver.pid, 40, 120_000);
    kill(pid, 'SIGCONT');
    const { seen, lost } = await stop();
    expect(lost).toBeGreaterThan(0);
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(120_000);
  });

  test('two watch at once, and one that was killed is cleared away by the next', async () => {
    const pid = await sleeper();
    const first = await watching([String(pid)]);
    const second = await watching([String(pid)]);
    kill(pid, 'SIGWINCH');
    for (const one of [first, second])
      await one.waitFor('it', ({ signal }) => signal === 'SIGWINCH');
    kill(first.pid, 'SIGKILL');
    await first.exit;
    const name = `sigbridge-${String(first.pid)}`;
    const third = await watching([String(pid)]);
    await until(() => !instances().includes(name), 'what the first has left to be gone');
    kill(pid, 'SIGURG');
    for (const one of [second, third]) await one.waitFor('it', ({ signal }) => signal === 'SIGURG');
    await third.stop();
    await second.stop();
    const left = instances();
    for (const one of [second, third]) expect(left).not.toContain(`sigbridge-${String(one.pid)}`);
  });

  test('--for ends it, and people get a line for each signal and a table', async () => {
    const pid = await sleeper();
    const child = spawn(SIGBRIDGE, ['watch', String(pid), '--for', '2']);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
    const [begun] = (await once(child.stderr, 'data')) as [Buffer];
    expect(String(begun)).toBe(
      `Watching every signal from and to process ${String(pid)}. Ctrl+C ends it.\n`,
    );
    kill(pid, 'SIGWINCH');
    expect(await once(child, 'close')).toEqual([0, null]);
    const lines = text.split('\n');
    expect(lines[0]).toMatch(
      new RegExp(`^[\\d:.]{15}  SIGWINCH  \\d+ .* < .* → ${String(pid)} sleep 1000: ignored$`),
    );
    expect(lines[2]).toMatch(/^COUNT {2}SIGNAL +FROM +TO +BECAME OF IT$/);
    expect(lines[3]).toMatch(/^ +1 {2}SIGWINCH .* ignored 1$/);
  });

  test('on a terminal there are colours, and Ctrl+C ends it with the table', async () => {
    const pid = await sleeper();
    const terminal = onTerminal(['env', '-u', 'CI', 'TERM=xterm', SIGBRIDGE, 'watch', String(pid)]);
    await terminal.waitFor(/Watching/);
    kill(pid, 'SIGWINCH');
    // eslint-disable-next-line no-control-regex
    await terminal.waitFor(/\x1b\[36mSIGWINCH\x1b\[0m.*ignored/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/BECAME OF IT/);
    expect(await terminal.exit).toMatchObject({ code: 0 });
  });

  test('it ends when nobody reads it any more', async () => {
    const pid = await sleeper();
    const child = spawn('bash', ['-c', `"$0" watch ${String(pid)} | true; echo done`, SIGBRIDGE]);
    onTestEnd(() => {
      killQuietly(child.pid);
    });
    const [begun] = (await once(child.stderr, 'data')) as [Buffer];
    expect(String(begun)).toContain('Watching');
    kill(pid, 'SIGWINCH');
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    expect(String(said)).toBe('done\n');
  });

  test('a process that is none', () => {
    const { status, stderr } = toEnd([SIGBRIDGE, 'watch', '2147483646']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'sigbridge: There is no process 2147483646.\n',
    });
  });

  test('a handler of Node is named', async () => {
    const child = start([
      'node',
      '-e',
      `process.on('SIGUSR2', () => {}); setInterval(() => {}, 1e6)`,
    ]);
    await untilCaught(child.pid ?? 0, 'SIGUSR2');
    const { waitFor } = await watching([String(child.pid)]);
    kill(child.pid, 'SIGUSR2');
    const one = await waitFor('it', ({ signal }) => signal === 'SIGUSR2');
    expect(one).toMatchObject({ outcome: 'handled', sender: { pid: process.pid } });
    expect(one.handler).toMatch(/\(node\)$/);
    kill(child.pid, 'SIGKILL');
    await untilGone(child.pid ?? 0);
  });
}
