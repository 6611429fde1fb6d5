import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { addNative, bareProject, loading, needing } from '../../support/installed';
import { patternOf } from '../../support/markdown';
import { toEnd, type Result } from '../../support/run';

const ENTRIES = ['debug', 'hold', 'manager', 'shutdown', 'testing'];
const WINDOWS = "Object.defineProperty(process, 'platform', { value: 'win32' });";
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** Runs a program of the project's to its end. */
function run(project: string, flags: readonly string[], code: string): Result {
  const file = path.join(project, 'program.cjs');
  fs.writeFileSync(file, code);
  return toEnd([process.execPath, ...flags, file]);
}

/** A project with a native part: what `change` makes of the one that was built here. */
function withNative(change = (binary: Buffer): Buffer => binary): string {
  const project = bareProject();
  addNative(project, change);
  return project;
}

/** Loads all entries in a process of its own, and says what a call throws. */
function whatIsSaid(
  project: string,
  { flags = [], before = '', from = 'sigbridge' }: Trial = {},
): string {
  const code = `${before}
    const { isSupported, on } = require('${from}');
    for (const entry of ${JSON.stringify(ENTRIES)}) require('${from}/' + entry);
    if (isSupported()) throw new Error('is supported');
    try { on('SIGTERM', () => {}); } catch ({ name, code, message }) {
      console.log(name + ' ' + code + ' ' + message);
    }`;
  const { stdout, stderr, status } = run(project, ['--no-warnings', ...flags], code);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^SignalError ERR_UNSUPPORTED sigbridge on /);
  return stdout;
}

interface Trial {
  flags?: readonly string[];
  /** Code that comes first. */
  before?: string;
  from?: string;
}

/** What the error says, by the name that docs/platforms.md has for the cause. */
const CAUSES: Record<string, () => string> = {
  'Windows, and others that are neither Linux nor macOS': () =>
    whatIsSaid(bareProject(), { before: WINDOWS }),

  'the package with the binary was not installed': () => whatIsSaid(bareProject()),

  'no binary is made for this processor': () =>
    whatIsSaid(bareProject(), {
      before: "Object.defineProperty(process, 'arch', { value: 's390x' });",
    }),

  'a binary of another system': () => whatIsSaid(withNative(() => Buffer.from('MZ, and so on'))),

  'a binary for another C library': () =>
    whatIsSaid(withNative((binary) => loading(binary, 'libc.so.6', 'ld-musl.1'))),

  'the system’s glibc is older': () =>
    whatIsSaid(withNative((binary) => needing(binary, 'GLIBC_2.14', 'GLIBC_9.14'))),

  '`node --no-addons`': () => whatIsSaid(withNative(), { flags: ['--no-addons'] }),

  '`node --permission` without `--allow-addons`': () =>
    whatIsSaid(withNative(), { flags: [PERMISSION, '--allow-fs-read=*'] }),

  '`node --permission` without a file that it must read': () => {
    const project = withNative();
    const own = path.join(project, 'node_modules/sigbridge/');
    const files = [path.join(project, 'program.cjs'), own].map((each) => `--allow-fs-read=${each}`);
    return whatIsSaid(project, { flags: [PERMISSION, '--allow-addons', ...files] });
  },

  'a bundler has taken the JavaScript and left the binary': () => {
    const project = bareProject();
    const dist = path.join(project, 'node_modules/sigbridge/dist');
    fs.cpSync(dist, path.join(project, 'bundle'), { recursive: true });
    return whatIsSaid(project, { from: './bundle' });
  },
};

/** Tried where Deno is, and where a file system can be mounted. */
const ELSEWHERE = [
  'Deno without the permission',
  '`node_modules` lies on a file system that allows no code',
];

describe('the error says which cause it is, and what to do about it, as docs/platforms.md has it', () => {
  const text = fs.readFileSync(path.join(__dirname, '../../../docs/platforms.md'), 'utf8');
  const table = /^\| cause .*\n.*\n((?:\|.*\n)+)/m.exec(text)?.[1] ?? '';
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((cell) => cell.trim()))
    .map(([, cause = '', says = '']) => ({ cause, says }));

  test.each(rows.filter(({ cause }) => !ELSEWHERE.includes(cause)))('$cause', ({ cause, says }) => {
    expect(CAUSES[cause]?.()).toMatch(
      new RegExp(`is not supported here: ${patternOf(says)}\\.$`, 'm'),
    );
  });

  test('each cause that is known', () => {
    const named = rows.map(({ cause }) => cause);
    expect(named.sort()).toEqual([...Object.keys(CAUSES), ...ELSEWHERE].sort());
  });
});

describe('what it says to do helps', () => {
  test('each permission that it names, one after the other, until it is supported', () => {
    const project = withNative();
    const own = path.join(project, 'node_modules/sigbridge/');
    const flags = [
      PERMISSION,
      `--allow-fs-read=${path.join(project, 'program.cjs')}`,
      `--allow-fs-read=${own}`,
    ];
    const code = `const { inspect, isSupported } = require('sigbridge');
      try { console.log(inspect('SIGINT').number); } catch ({ message }) { console.log(message); }`;
    const said: string[] = [];
    while (said.length < 10) {
      const { stdout } = run(project, ['--no-warnings', ...flags], code);
      said.push(stdout);
      const flag = /add (--allow-\S+)\.$/m.exec(stdout)?.[1];
      if (flag === undefined) break;
      flags.push(flag);
    }
    expect(said.at(-1)).toBe('2\n');
    expect(said.length).toBeGreaterThan(2);
  });

  test('the binary put where it is looked for', () => {
    const project = bareProject();
    const code = "console.log(require('sigbridge').isSupported());";
    expect(run(project, [], code).stdout).toBe('false\n');
    addNative(project, (binary) => binary);
    expect(run(project, [], code).stdout).toBe('true\n');
  });
});

test('every call of the core throws ERR_UNSUPPORTED', () => {
  const { stdout, stderr } = run(
    bareProject(),
    [],
    `const sigbridge = require('sigbridge');
    const { mask, SignalError, SignalEvent, SignalAbortError, isSupported, ...calls } = sigbridge;
    const given = { restore: null, on: ['SIGWINCH', () => {}], onDisplaced: [() => {}] };
    Object.assign(given, { exitBySignal: ['SIGTERM'], withBlocked: given.on });
    for (const name of ['forwardTo', 'send', 'sendGroup']) given[name] = [process.ppid, 'SIGWINCH'];
    for (const name of ['inspectAll', 'inherited', 'pending', 'displaced', 'reclaim']) given[name] = [];
    for (const name of ['prepare', 'watchdog', 'readProcess', 'resetIgnored']) given[name] = [];
    for (const name of ['get', 'set', 'block', 'unblock']) calls['mask.' + name] = mask[name];
    (async () => {
      for (const [name, call] of Object.entries(calls)) {
        if (given[name] === null) continue; // there is no Change that it could be given
        try {
          await call(...(given[name] ?? ['SIGWINCH']));
          console.log(name);
        } catch (error) {
          if (error.code !== 'ERR_UNSUPPORTED') console.log(name, error);
        }
      }
    })();`,
  );
  // What /proc tells takes no native part.
  expect({ stdout, stderr }).toEqual({ stdout: 'readProcess\n', stderr: '' });
});

test('sigbridge/hold warns, and the program runs', () => {
  const project = bareProject();
  const preload = ['--require', path.join(project, 'node_modules/sigbridge/dist/hold.js')];
  const { stdout, stderr, status } = run(project, preload, "console.log('ran')");
  expect({ stdout, status }).toEqual({ stdout: 'ran\n', status: 0 });
  expect(stderr).toMatch(/SignalHoldWarning: sigbridge\/hold keeps nothing\. .*not supported here/);
});

describe('on process.on', () => {
  const SHUTDOWN = `
    const { createShutdown } = require('sigbridge/shutdown');
    const shutdown = createShutdown({ progress: 'none' });
    shutdown.stage('tell', ({ event, reason }) => {
      const { timestamp, ...rest } = event;
      console.log(JSON.stringify({ ...rest, reason }), typeof timestamp, event.sender());
    });
    setInterval(() => {}, 1000);
    process.kill(process.pid, 'SIGTERM');`;
  const UNKNOWN = { code: null, pid: null, uid: null, value: null, status: null, coalesced: 0 };

  test('a shutdown runs its stages, and the process dies by the signal', () => {
    const { stdout, stderr, signal } = run(bareProject(), [], SHUTDOWN);
    const [json = '', rest] = stdout.split(/(?<=}) /);
    expect(JSON.parse(json)).toEqual({
      ...{ signal: 'SIGTERM', number: 15 },
      ...UNKNOWN,
      reason: { trigger: 'signal', message: 'SIGTERM' },
    });
    expect({ rest, stderr, signal }).toEqual({
      rest: 'bigint null\n',
      stderr: '',
      signal: 'SIGTERM',
    });
  });

  test('on Windows, which has no death by signal, it exits with 128 + n', () => {
    const { stdout, status } = run(bareProject(), [], WINDOWS + SHUTDOWN);
    expect(stdout).toContain('"trigger":"signal"');
    expect(status).toBe(143);
  });

  test('a second Ctrl+C hurries the shutdown, the echo of the first does not', () => {
    const { stdout } = run(
      bareProject(),
      [],
      `const { createShutdown } = require('sigbridge/shutdown');
      const shutdown = createShutdown({ progress: 'none', totalMs: 600_000 });
      shutdown.stage('waits', ({ signal }) => new Promise((resolve) => signal.onabort = resolve));
      shutdown.on('hurry', (why) => console.log(why, performance.now() - first > 900));
      const first = performance.now();
      process.kill(process.pid, 'SIGINT');
      const timer = setInterval(() => process.kill(process.pid, 'SIGINT'), 50);`,
    );
    expect(stdout).toBe('No more waiting: a second SIGINT. true\n');
  });

  test('a manager calls its handlers', () => {
    const { stdout, stderr, status } = run(
      bareProject(),
      [],
      `const { createSignalManager } = require('sigbridge/manager');
      const manager = createSignalManager({ ref: true });
      manager.handle('SIGHUP', ({ signal, pid, code }, { name }) => {
        console.log(signal, pid, code, name);
        manager.close(); // and nothing keeps the loop alive any more
      }, { name: 'reload' });
      process.kill(process.pid, 'SIGHUP');`,
    );
    expect({ stdout, stderr, status }).toEqual({
      stdout: 'SIGHUP null null reload\n',
      stderr: '',
      status: 0,
    });
  });

  test('child processes are told, and waited for', () => {
    const { stdout, signal } = run(
      bareProject(),
      [],
      `const { spawn } = require('node:child_process');
      const { childProcesses, createShutdown } = require('sigbridge/shutdown');
      const child = spawn('sleep', ['600']);
      child.on('exit', (code, signal) => console.log(signal));
      createShutdown({ progress: 'none' }).stage('children', childProcesses(child));
      child.once('spawn', () => process.kill(process.pid, 'SIGTERM'));`,
    );
    expect({ stdout, signal }).toEqual({ stdout: 'SIGTERM\n', signal: 'SIGTERM' });
  });

  test('what it cannot hear is refused', () => {
    const { stdout } = run(
      bareProject(),
      [],
      `const { createSignalManager } = require('sigbridge/manager');
      const { isMainThread, Worker } = require('node:worker_threads');
      const said = (signal) => {
        try { createSignalManager().handle(signal, () => {}); }
        catch ({ code, message }) { console.log(code, message); }
      };
      if (isMainThread) {
        said('SIGRTMIN+3');
        new Worker(__filename);
      } else said('SIGTERM');`,
    );
    expect(stdout).toMatch(
      /^ERR_UNSUPPORTED .*SIGRTMIN\+3.* knows no such signal\.\nERR_UNSUPPORTED .*SIGTERM.* in a worker.*\n$/,
    );
  });
});
