// What a signal does not get to by itself, or does not end, is not said to go on, or to end, where that is up to another.
import { describe, expect, test } from '@jest/globals';

import { kill } from '../../support/kill';
import { childOf, diagnosed, start, untilWaitsIn, type Patient } from '../../support/patients';
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

describe('who kills whom it waits for', () => {
  const under = (...options: string[]): Promise<Patient> =>
    start(['timeout', ...options, '600', 'env', '--ignore-signal=TERM', 'sleep', '600']);

  test.each([['-k', '1'], ['-vk1'], ['--kill-after=1s']])(
    'timeout %s ends, though its command ignores the signal',
    async (...options) => {
      const { pid, end } = await under(...options.filter(Boolean));
      await childOf(pid, 'sleep');
      const found = await diagnosed(pid, 'SIGTERM');
      expect(found).toMatchObject({ acts: true, effect: 'ends' });
      expect(found.cause('wrapper').title).toMatch(
        /^timeout kills process \d+ \(sleep 600\) 1 s later/,
      );
      kill(pid, 'SIGTERM');
      await end;
    },
  );

  test('an hour later: that is left open; never: it does not', async () => {
    const later = await under('--kill-after', '1h');
    await childOf(later.pid, 'sleep');
    expect(await diagnosed(later.pid, 'SIGTERM')).toMatchObject({ acts: null });
    const never = await under('-s', 'KILL');
    await childOf(never.pid, 'sleep');
    expect(await diagnosed(never.pid, 'SIGTERM')).toMatchObject({ acts: false });
    // What is ignored goes on.
    for (const { pid } of [later, never]) kill(await childOf(pid, 'sleep'), 'SIGKILL');
  });

  test('and with it ends its command, at the key', async () => {
    const ignores = ['env', '--ignore-signal=INT', 'sleep', '600'];
    const terminal = onTerminal(['timeout', '-k', '1', '600', ...ignores]);
    const pid = await childOf(terminal.pid, 'sleep');
    const found = await diagnosed(pid, 'SIGINT');
    expect(found).toMatchObject({ acts: true, effect: 'ends', by: 'key' });
    expect(found.cause('hang-up').title).toMatch(
      /^its parent, process \d+ \(timeout .*\), ends by/,
    );
    terminal.write(CTRL_C);
    await terminal.exit;
  });
});

describe('who blocks a signal that it has a handler for', () => {
  const program = (waits: string): [string, ...string[]] => [
    '/usr/bin/python3',
    '-c',
    `import signal, time\nsignal.signal(15, lambda *_: exit(7))\nsignal.pthread_sigmask(signal.SIG_BLOCK, [15])\nprint('ready', flush=True)\n${waits}`,
  ];

  test('while it waits, may take it in between', async () => {
    const { pid, end } = await start(
      program(
        'while True:\n  time.sleep(0.5)\n  signal.pthread_sigmask(signal.SIG_UNBLOCK, [15])\n  signal.pthread_sigmask(signal.SIG_BLOCK, [15])',
      ),
      { says: 'ready' },
    );
    const found = await diagnosed(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: null, effect: 'unknown' });
    expect(found.cause('blocked').title).toMatch(/^it blocks SIGTERM, but not for a long wait/);
    kill(pid, 'SIGTERM');
    expect(await end).toEqual({ code: 7, signal: null });
  });

  test('for good, does not', async () => {
    const { pid } = await start(program('time.sleep(600)'), { says: 'ready' });
    await untilWaitsIn(pid, /nanosleep/);
    expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: false });
  });
});

test('a shell that is not known may end with its job in the foreground', async () => {
  const script = `
import os, signal, subprocess
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
one = subprocess.Popen(['sleep', '600'], preexec_fn=os.setpgrp)
os.tcsetpgrp(0, one.pid)
print('ready', flush=True)
exit(one.wait())`;
  const terminal = onTerminal(['/usr/bin/python3', '-c', script]);
  await terminal.waitFor(/ready/);
  const found = await diagnosed(terminal.pid, 'SIGINT');
  expect(found).toMatchObject({ acts: null, effect: 'unknown', by: 'key' });
  expect(found.cause('background').title).toMatch(
    /^it is not in the foreground of .*, while the key/,
  );
  terminal.write(CTRL_C);
  await terminal.exit;
});

test('Python that waits in short turns hears it; a shell looks at it when it has a command’s output', async () => {
  const waits =
    "import signal, threading\nsignal.signal(15, lambda *_: exit(7))\nprint('ready', flush=True)\nwhile not threading.Event().wait(0.1): pass";
  const { pid, end } = await start(['/usr/bin/python3', '-c', waits], { says: 'ready' });
  expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: true, effect: 'runs' });
  kill(pid, 'SIGTERM');
  expect(await end).toEqual({ code: 7, signal: null });
  const shell = await start(['env', '--default-signal', 'sh', '-c', 'x=$(sleep 600); :']);
  const child = await childOf(shell.pid, 'sleep');
  expect(await diagnosed(shell.pid, 'SIGINT', { by: 'kill' })).toMatchObject({ acts: false });
  kill(child, 'SIGKILL');
});
