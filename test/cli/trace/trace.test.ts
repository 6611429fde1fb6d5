import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { fixturePath } from '../../support/fixtures';
import { scenarioCommand } from '../../support/scenario';
import { actions, brief, folder, MAIN, traced, tracing } from '../../support/trace';
import { IS_ROOT } from '../../support/unshare';

const CHANGES = fixturePath('changes');

function changes(...words: string[]): ReturnType<typeof traced> {
  return traced([CHANGES, ...words]);
}

describe('a change is a line', () => {
  test('of each call that can make one: from what to what', () => {
    const { trace } = changes('calls');
    expect(trace.changes.map(brief)).toEqual([
      'sigaction SIGUSR1: default -> first',
      'signal SIGUSR2: default -> first',
      'bsd_signal SIGALRM: default -> first',
      'sysv_signal SIGVTALRM: default -> first',
      'sysv_signal SIGPROF: default -> first',
      'sigset SIGHUP: default -> first',
      'sigignore SIGWINCH: default -> ignore',
      'siginterrupt SIGUSR2: first -> first',
      'sigprocmask: [] -> [SIGTERM]',
      'pthread_sigmask: [SIGTERM] -> [SIGINT]',
      'sigaltstack: none -> 65536 bytes',
    ]);
    const [first] = actions(trace.changes);
    expect(first?.to).toMatchObject({ flags: ['SA_RESTART'], mask: ['SIGTERM'] });
    const interrupt = actions(trace.changes).find(({ call }) => call === 'siginterrupt');
    expect([interrupt?.from?.flags, interrupt?.to.flags]).toEqual([['SA_RESTART'], []]);
  });

  test('of what is blocked, and unblocked again', () => {
    const { trace } = traced([CHANGES, 'sigprocmask=2']);
    expect(trace.changes.filter(({ call }) => call === 'sigprocmask').map(brief)).toEqual([
      'sigprocmask: [] -> [SIGUSR1]',
      'sigprocmask: [SIGUSR1] -> []',
    ]);
  });

  test('with its time, process and thread', () => {
    const { trace } = changes('act=10', 'thread');
    const [main, other] = trace.changes;
    expect(main?.tid).toBe(main?.pid);
    expect(other?.pid).toBe(main?.pid);
    expect(other?.tid).not.toBe(main?.tid);
    const times = trace.changes.map(({ time }) => time);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
    expect(times[0]).toBeGreaterThan(0);
    expect(times.at(-1)).toBeLessThan(trace.duration);
    expect(Math.abs(Date.parse(trace.started) - Date.now())).toBeLessThan(60_000);
  });

  test('with who made it: module, symbol, offset; static functions too', () => {
    const { trace } = changes('act=10', 'meddle_save');
    expect(trace.changes.map(({ who }) => [who?.module, who?.symbol])).toEqual([
      [CHANGES, 'act'],
      [CHANGES, 'act'],
      [fixturePath('meddler.node'), 'meddle_save'],
    ]);
    expect(trace.changes[0]?.who?.offset).toBeGreaterThan(0);
    expect(trace.changes[0]?.who?.address).toMatch(/^0x[0-9a-f]+$/);
    expect(actions(trace.changes)[2]?.to.handler).toMatchObject({ symbol: 'meddling', offset: 0 });
  });

  test('only if it was made: no question, no refusal', () => {
    expect(changes('nothing').trace.changes.filter(({ changed }) => changed)).toEqual([]);
  });

  test('also in children: forked, vforked, and started anew', () => {
    const { trace } = changes('fork', 'vfork', `exec=${CHANGES}`);
    expect(actions(trace.changes).map(brief)).toEqual([
      'sigaction SIGUSR1: default -> second',
      'sigaction SIGUSR2: default -> ignore',
      'sigaction SIGUSR1: default -> first',
    ]);
    const [forked, vforked, own] = trace.changes;
    expect(new Set([forked?.pid, vforked?.pid, own?.pid]).size).toBe(3);
    expect(trace.processes.map(({ how, pid, parent }) => [how, pid, parent])).toEqual([
      ['exec', own?.pid, expect.any(Number)],
      ['fork', forked?.pid, own?.pid],
      ['fork', vforked?.pid, own?.pid],
      ['exec', vforked?.pid, own?.pid],
      ['exec', own?.pid, expect.any(Number)],
    ]);
    expect(trace.processes[3]).toMatchObject({ command: ['true'], ignored: ['SIGUSR2'] });
  });

  test('also where it was made inside a handler', () => {
    expect(changes('handler').trace.changes.map(brief)).toEqual(
      expect.arrayContaining([
        'sigaction SIGUSR1: default -> in_handler',
        'sigaction SIGUSR2: default -> second',
      ]),
    );
  });

  test.each([
    ['exit=7', { status: 7, signal: null }],
    ['raise=9', { status: null, signal: 'SIGKILL' }],
  ])('also when the program ends by %s', (word, end) => {
    const { trace, ...rest } = changes('act=10', word);
    expect(rest).toMatchObject(end);
    expect(brief(trace.changes[0] as never)).toBe('sigaction SIGUSR1: default -> first');
  });

  test('with the JavaScript stack where sigbridge is loaded, in workers too', () => {
    const [command, ...argv] = scenarioCommand(async ({ sigbridge, require }) => {
      const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
      const listenHere = (): void => void process.on('SIGHUP', () => undefined);
      sigbridge.inspect('SIGHUP');
      listenHere();
      const code = `require('sigbridge').on('SIGUSR2', () => {}).close()`;
      const worker = new Worker(code, { eval: true });
      await new Promise((resolve) => worker.once('exit', resolve));
    });
    const { trace, status, stderr } = traced([command, ...argv]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const hangup = actions(trace.changes).filter(({ signal }) => signal === 'SIGHUP');
    expect(hangup[0]?.script?.join('\n')).toMatch(/^startListeningIfSignal[^]*\nlistenHere \(/);
    const worker = actions(trace.changes).find(
      ({ signal, tid, pid }) => signal === 'SIGUSR2' && tid !== pid,
    );
    expect(worker?.script?.join('\n')).toMatch(/\(\[worker eval\]:1:/);
    // The runtime's own start.
    expect(trace.changes.find(({ call }) => call === 'sigaction')?.script).toBeNull();
  });
});

describe('the traced program', () => {
  test.each([0, 1, 77, 255])('ends with %i, and so does sigbridge', (code) => {
    expect(changes(`exit=${code}`).status).toBe(code);
    expect(changes(`exit=${code}`).trace.exit).toEqual({ code, signal: null });
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGSEGV', 'SIGUSR1'] as const)(
    'ends by %s, and so does sigbridge',
    (signal) => {
      const killed = traced(['sh', '-c', `kill -${signal.slice(3)} $$`]);
      expect(killed).toMatchObject({ status: null, signal });
      expect(killed.trace.exit).toEqual({ code: null, signal });
    },
  );

  test('ends by a real-time signal, and so does sigbridge', () => {
    const script = '"$0" "$1" trace --output /dev/null -- "$2" raise=40; echo $?';
    const { stdout } = spawnSync('sh', ['-c', script, process.execPath, MAIN, CHANGES], {
      encoding: 'utf8',
    });
    expect(stdout).toBe(`${128 + 40}\n`);
  });

  test('gets the signals that are sent to sigbridge, each once', async () => {
    const { program } = tracing([CHANGES, 'listen']);
    await program.line('ready');
    for (const number of [1, 2, 10, 12, 15, 23, 28, 34, 40, 64]) {
      program.kill(number);
      await program.line(String(number));
    }
    program.kill('SIGQUIT');
    expect(await program.exit).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(program.lines).toHaveLength(11);
  });

  test('is not told from one that is not traced', () => {
    const script = 'cat; echo "$0 $@"; echo err >&2; ls -l /proc/self/fd | wc -l; pwd; exit 5';
    const command = ['bash', '-c', script, 'a b', '--json', '--', "c'd"];
    const settings = { input: 'typed', cwd: folder(), encoding: 'utf8' as const };
    const [name = '', ...argv] = command;
    const { status, stdout, stderr } = spawnSync(name, argv, settings);
    expect(traced(command, [], settings)).toMatchObject({ status, stdout, stderr });
  });

  test('has two more variables, and the libraries that were to be preloaded before', () => {
    // The list is divided at spaces, and the checkout's folder may have one.
    const library = path.join(folder(), 'meddler.node');
    fs.copyFileSync(fixturePath('meddler.node'), library);
    const { stdout } = traced(['env'], [], { env: { LD_PRELOAD: library } });
    const before = new Set(Object.keys(process.env));
    const names = [...stdout.matchAll(/^(\w+)=/gm)].map(([, name = '']) => name);
    expect(names.filter((name) => !before.has(name)).sort()).toEqual(
      ['LD_PRELOAD', 'SIGBRIDGE_TRACE'].sort(),
    );
    expect(stdout).toMatch(/^LD_PRELOAD=.*sigbridge-preload\.so:.*meddler\.node$/m);
  });
});

describe('whose signals they are in the end', () => {
  test('each signal that was changed, or was ignored from the start', () => {
    const { trace } = traced(['sh', '-c', 'trap "" HUP; exec "$0" act=10 ignore=12', CHANGES]);
    const program = trace.processes.findIndex(({ command }) => command[0] === CHANGES);
    const owners = trace.owners.filter(({ process }) => process === program);
    expect(
      owners.map(({ signal, disposition, owner }) => [signal, disposition, owner?.symbol]),
    ).toEqual([
      ['SIGHUP', 'ignore', undefined],
      ['SIGUSR1', 'handler', 'first'],
      ['SIGUSR2', 'ignore', undefined],
    ]);
    expect(owners[0]?.change).toBeNull();
    expect(brief(trace.changes[owners[1]?.change ?? -1] as never)).toBe(
      'sigaction SIGUSR1: default -> first',
    );
  });
});

describe('warnings', () => {
  const rules = (...words: string[]): string[] =>
    changes(...words).trace.warnings.map(({ rule, signal }) => `${rule} ${signal}`);

  test('a handler replaced without being saved', () => {
    expect(rules('meddle_replace')).toEqual(['replaced-without-saving SIGUSR1']);
    expect(rules('meddle_ignore')).toEqual(['replaced-without-saving SIGUSR1']);
    // With the handler alone, one with SA_SIGINFO cannot be called rightly.
    expect(rules('meddle_signal')).toEqual(['replaced-without-saving SIGUSR1']);
  });

  test('not one that was saved, asked for before, or is the own one', () => {
    expect(rules('meddle_save')).toEqual([]);
    expect(rules('meddle_look_first')).toEqual([]);
    expect(rules('act=10', 'act=10', 'handler', 'ignore=10')).toEqual([]);
  });

  test('SIG_DFL set over somebody’s handler', () => {
    const { warnings, changes: all } = changes('meddle_default').trace;
    expect(warnings).toMatchObject([{ rule: 'default-over-handler', signal: 'SIGUSR1' }]);
    expect(warnings[0]?.message).toMatch(
      /^meddle_default\+0x\w+ \(meddler\.node\) set SIG_DFL for SIGUSR1 over the handler first \(changes\)/,
    );
    expect(brief(all[warnings[0]?.changes[0] ?? -1] as never)).toBe(
      'sigaction SIGUSR1: first -> default',
    );
  });

  test('not where it was put back', () => {
    expect(rules('meddle_borrow')).toEqual([]);
  });

  test('an ignore that children inherit', () => {
    const { warnings } = traced(['sh', '-c', 'trap "" HUP; sleep 0; sleep 0; true']).trace;
    expect(warnings).toMatchObject([{ rule: 'ignore-inherited', signal: 'SIGHUP' }]);
    expect(warnings[0]?.message).toMatch(/ignored SIGHUP.*sleep 0\).*sleep 0\)/);
    // Nobody was started, or it was undone before.
    expect(rules('ignore=1')).toEqual([]);
    const undone = traced(['sh', '-c', 'trap "" HUP; trap - HUP; sleep 0; true']);
    expect(undone.trace.warnings).toEqual([]);
    // What was undone later had been inherited by then.
    const late = traced(['sh', '-c', 'trap "" HUP; sleep 0; trap - HUP; true']);
    expect(late.trace.warnings).toMatchObject([{ rule: 'ignore-inherited', signal: 'SIGHUP' }]);
  });

  test('process.on over a C library’s handler', () => {
    const [command, ...argv] = scenarioCommand(({ fixture }) => {
      fixture('foreign_a').install(12, { siginfo: true });
      process.once('SIGUSR2', () => undefined);
    });
    const { warnings } = traced([command, ...argv]).trace;
    expect(warnings).toMatchObject([{ rule: 'replaced-without-saving', signal: 'SIGUSR2' }]);
    expect(warnings[0]?.message).toMatch(/uv__signal_\w+.*foreign_a_handler/);
  });
});

describe('what cannot be seen is said', () => {
  test('a statically linked program', () => {
    const { status, stdout, stderr } = traced([fixturePath('standalone')]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/standalone is statically linked, so no library can be preloaded/);
    expect(stderr).toContain('--syscalls');
  });

  test('a setuid program of another user', () => {
    let file = '/bin/su';
    if (IS_ROOT) {
      file = path.join(folder(), 'su');
      fs.copyFileSync('/bin/true', file);
      fs.chownSync(file, 65534, 65534);
      fs.chmodSync(file, 0o4755);
    }
    const { status, stderr } = traced([file, '--version']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/su runs as its owner \(setuid\), so the system preloads nothing/);
  });

  test('a program that the library was kept from', () => {
    const { trace, status } = traced(['env', '-i', '/bin/false']);
    expect(status).toBe(1);
    expect(trace.processes.map(({ command }) => command[0])).toEqual(['env']);
  });

  test.each([
    [['/no/such/file'], 127],
    [['/etc/passwd'], 126],
  ])('%p cannot be run', (command, code) => {
    const { status, stderr } = traced(command);
    expect(status).toBe(code);
    expect(stderr).toContain(`${String(command[0])} cannot be run`);
  });
});

describe('with --syscalls', () => {
  test('without strace says how to get it', () => {
    const env = { ...process.env, PATH: folder() };
    const argv = [MAIN, 'trace', '--syscalls', '--', '/bin/true'];
    const { status, stderr } = spawnSync(process.execPath, argv, { env, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/strace is not installed \(apt-get install strace/);
  });
});

describe('what it prints', () => {
  const printed = (...options: string[]): string =>
    spawnSync(process.execPath, [MAIN, 'trace', ...options], { encoding: 'utf8' }).stderr;

  test('lines, owners and warnings, on standard error', () => {
    const text = printed('--', CHANGES, 'meddle_default');
    const [head, ...lines] = text.split('\n');
    expect(head).toMatch(/^ +MS +THREAD {2}CALL +SIGNAL +FROM +TO +WHO$/);
    expect(lines[1]).toMatch(
      /^ *\d+\.\d{3} +\d+ {2}sigaction {2}SIGUSR1 {2}first \(changes\) SA_SIGINFO {2}default +meddle_default\+0x\w+ \(meddler\.node\)$/,
    );
    expect(text).toMatch(/\nSignals of process \d+ \(.+\)\nSIGNAL +OWNER/);
    expect(text).toMatch(/\nSIGUSR1 +nobody: default +meddle_default/);
    expect(text).toMatch(/\nwarning: default-over-handler\n {2}meddle_default/);
  });

  test('of a long command line what tells it apart, not the folders', () => {
    const deep = path.join(folder(), 'deep'.repeat(20));
    fs.mkdirSync(deep);
    fs.symlinkSync(CHANGES, path.join(deep, 'changes'));
    const nothing = Array.from({ length: 9 }, () => 'nothing');
    const text = printed('--', path.join(deep, 'changes'), 'meddle_default', ...nothing);
    expect(text).toMatch(
      /\nSignals of process \d+ \(…\/changes meddle_default (nothing ){4}no…\)\n/,
    );
  });

  test('with --all, calls too that changed nothing', () => {
    expect(printed('--', CHANGES, 'nothing')).toMatch(/^Nothing was changed\.\n/);
    expect(printed('--all', '--', CHANGES, 'nothing')).toMatch(/sigprocmask/);
  });

  test('wrong usage', () => {
    expect(printed()).toMatch(/'trace' takes a command/);
    expect(printed('--frobnicate', 'true')).toMatch(/--frobnicate/);
  });
});
