// What a signal does not get to by itself, or does not end, is not said to go on, or to end, where that is up to another.
import { describe, expect, test } from '@jest/globals';

import { kill } from '../../support/kill';
import { childOf, diagnosed, start, untilWaitsIn } from '../../support/patients';
import { CTRL_C, onTerminal } from '../../support/pty';
import { UNSHARE } from '../../support/unshare';

const launcher = (keeps: string): [string, ...string[]] => [
  '/usr/bin/python3',
  '-c',
  `import signal, subprocess\none = subprocess.Popen(['sleep', '600'])\n${keeps}\nprint('ready', flush=True)\none.wait()`,
];
const IGNORES = 'signal.signal(signal.SIGINT, signal.SIG_IGN)';
const BLOCKS = 'signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])';

describe('a key that ends whom a process waits for', () => {
  test.each([
    ['ignores', 'ignored', IGNORES],
    ['blocks', 'blocked', BLOCKS],
  ])('may end one that %s it itself', async (verb, rule, keeps) => {
    const terminal = onTerminal(launcher(keeps));
    await terminal.waitFor(/ready/);
    await untilWaitsIn(terminal.pid, /do_wait/);
    const found = await diagnosed(terminal.pid, 'SIGINT');
    expect(found).toMatchObject({ acts: null, effect: 'unknown', by: 'key' });
    expect(found.cause(rule).title).toMatch(
      new RegExp(`^it ${verb} SIGINT, while the key acts on process \\d+ \\(sleep 600\\) below it`),
    );
    // What is sent reaches nobody else.
    expect(await diagnosed(terminal.pid, 'SIGINT', { by: 'kill' })).toMatchObject({ acts: false });
    terminal.write(CTRL_C);
    expect(await terminal.exit).toMatchObject({ code: 0 });
  });

  test('may end the first process of a namespace, for which it is dropped', async () => {
    const words = launcher('signal.signal(signal.SIGINT, signal.SIG_DFL)');
    const options = ['--pid', '--fork', '--mount-proc', '--kill-child'];
    const terminal = onTerminal([...UNSHARE, ...options, ...words]);
    await terminal.waitFor(/ready/);
    const pid = await childOf(terminal.pid, 'python3');
    await untilWaitsIn(pid, /do_wait/);
    expect(await diagnosed(pid, 'SIGINT')).toMatchObject({ acts: null });
    terminal.write(CTRL_C);
    await terminal.exit;
  });

  test('does not where that ignores it too', async () => {
    const ignoring = launcher('').map((word) =>
      word.replace("'sleep'", "'env', '--ignore-signal=INT', 'sleep'"),
    );
    const terminal = onTerminal(['env', '--ignore-signal=INT', ...ignoring]);
    await terminal.waitFor(/ready/);
    await childOf(terminal.pid, 'sleep');
    expect(await diagnosed(terminal.pid, 'SIGINT')).toMatchObject({ acts: false });
  });
});

test('a script of vm that SIGINT breaks off does not end by it', async () => {
  const script =
    "try { require('vm').runInThisContext('console.log(`ready`); for (;;);', { breakOnSigint: true }) } catch { process.exit(7) }";
  const { pid, end } = await start(
    ['env', '--default-signal', process.execPath, '-e', `globalThis.console = console; ${script}`],
    { says: 'ready' },
  );
  const found = await diagnosed(pid, 'SIGINT');
  expect(found).toMatchObject({ acts: true, effect: 'runs' });
  expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: true, effect: 'ends' });
  kill(pid, 'SIGINT');
  expect(await end).toEqual({ code: 7, signal: null });
});

test('one that takes a signal without a handler is not said to end by it', async () => {
  const script =
    "import signal, subprocess\nsubprocess.Popen(['sleep', '600'])\nsignal.pthread_sigmask(signal.SIG_BLOCK, [15])\nprint('ready', flush=True)\nsignal.sigwait([15])\nexit(7)";
  const { pid, end } = await start(['/usr/bin/python3', '-c', script], { says: 'ready' });
  await untilWaitsIn(pid, /do_sigtimedwait/);
  const found = await diagnosed(pid, 'SIGTERM');
  expect(found).toMatchObject({ acts: true, effect: 'runs' });
  expect(found.verdict).not.toContain('SIGTERM ends it');
  kill(await childOf(pid, 'sleep'), 'SIGKILL');
  kill(pid, 'SIGTERM');
  expect(await end).toEqual({ code: 7, signal: null });
});
