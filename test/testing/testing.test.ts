import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

import { afterEach, describe, expect, test } from '@jest/globals';
import { ignore, inspect, mask, on, readProcess, restore } from 'sigbridge';
import {
  deliver,
  failOnLeak,
  killSpawned,
  signalSnapshot,
  spawnWith,
  until,
  untilBlocked,
  untilCaught,
  untilEnded,
  untilIgnored,
  untilPending,
  untilState,
} from 'sigbridge/testing';

import { stateOf } from '../support/inits';
import { bits, statusMasks } from '../support/kernel';
import { kill } from '../support/kill';
import { scenario } from '../support/scenario';
import { UNSHARE } from '../support/unshare';

const LOADED = { timeoutMs: 20_000 };
const SLEEP = ['sleep', '1000'] as const;

afterEach(killSpawned);

/** A shell that runs its traps when it has read a line, or before, and ends with its input. */
function shell(...lines: string[]): string[] {
  return ['bash', '-c', [...lines, 'while read line; do :; done'].join('\n')];
}

describe('spawnWith', () => {
  test('starts a program that ignores and blocks what was asked, and nothing else', async () => {
    const child = await spawnWith(SLEEP, {
      ignored: ['SIGHUP', 'SIGRTMIN+3'],
      blocked: ['SIGUSR1', 'SIGRTMAX'],
    });
    expect(statusMasks(child.pid)).toMatchObject({
      ignored: bits('SIGHUP', 37),
      blocked: bits('SIGUSR1', 64),
      caught: 0n,
    });
    expect(readProcess(child.pid).command).toBe('sleep 1000');
  });

  test('gives the pid when it is the command that has it', async () => {
    for (let run = 0; run < 20; run++) {
      const child = await spawnWith(SLEEP, { ignored: ['SIGINT', 'SIGHUP'] });
      expect(readProcess(child.pid).command).toBe('sleep 1000');
    }
  });

  test('has a Node keep what is ignored, if asked to', async () => {
    const program = [process.execPath, '-e', 'console.log("up"); setInterval(() => {}, 1e6)'];
    const forgets = await spawnWith(program, { ignored: 'SIGHUP' });
    const keeps = await spawnWith(program, { ignored: 'SIGHUP', keep: true });
    await Promise.all([forgets.waitFor(/up/, LOADED), keeps.waitFor(/up/, LOADED)]);
    const own = bits('SIGPIPE', 'SIGXFSZ');
    expect(statusMasks(forgets.pid).ignored).toBe(own);
    expect(statusMasks(keeps.pid).ignored).toBe(own | bits('SIGHUP'));
  });

  test('puts back to its default what this process hands down', async () => {
    // node:child_process lets real-time signals that are ignored through.
    const parent = await scenario(
      async ({ require, fixture, report, next, args }) => {
        const { spawnWith, killSpawned } =
          require('sigbridge/testing') as typeof import('sigbridge/testing');
        fixture('raw').ignoreSignal(args.signal);
        report((await spawnWith(args.command)).pid);
        report((await spawnWith(args.command, { defaults: args.signal })).pid);
        await next();
        await killSpawned();
      },
      { args: { signal: 37, command: [...SLEEP] } },
    );
    const [kept, reset] = await Promise.all([parent.next<number>(), parent.next<number>()]);
    expect(statusMasks(kept).ignored).toBe(bits(37));
    expect(statusMasks(reset).ignored).toBe(0n);
    parent.tell();
    expect(await parent.exit).toMatchObject({ code: 0, stderr: '' });
  });

  test('tells a death by any signal, real-time ones included', async () => {
    for (const signal of ['SIGTERM', 'SIGRTMIN', 'SIGRTMAX-1'] as const) {
      const child = await spawnWith(SLEEP);
      child.kill(signal);
      const name = signal === 'SIGRTMAX-1' ? 'SIGRTMIN+29' : signal;
      expect(await child.exit).toEqual({ code: null, signal: name });
      expect(child.ended).toEqual({ code: null, signal: name });
    }
    expect(await (await spawnWith(['sh', '-c', 'exit 3'])).exit).toEqual({ code: 3, signal: null });
    expect(await (await spawnWith('true')).exit).toEqual({ code: 0, signal: null });
  });

  test('lets its output be awaited, its input be written and its environment be added to', async () => {
    const child = await spawnWith(['sh', '-c', 'pwd; echo $COLOUR; cat; echo end >&2'], {
      cwd: '/',
      env: { COLOUR: 'blue' },
    });
    expect((await child.waitFor(/^\/\n(.*)\n/, LOADED))[1]).toBe('blue');
    child.write('written\n');
    await child.waitFor(/written/, LOADED);
    child.end();
    expect(await child.exit).toEqual({ code: 0, signal: null });
    expect(child.output).toBe('/\nblue\nwritten\nend\n');
    expect(child.stderr).toBe('end\n');
    await expect(child.waitFor(/more/)).rejects.toThrow(
      'The process ended before it wrote /more/; it wrote:\n/\nblue\nwritten\nend\n',
    );
  });

  test('on a terminal of its own, where keys become signals', async () => {
    const child = await spawnWith(shell('tty', 'stty size', 'trap "echo resized" WINCH'), {
      pty: { cols: 60, rows: 10 },
      ignored: 'SIGQUIT',
    });
    await child.waitFor(/\/dev\/pts\/\d+\r\n10 60\r\n/, LOADED);
    await untilCaught(child, 'SIGWINCH', LOADED);
    child.resize({ cols: 61 });
    child.write('\n');
    await child.waitFor(/resized/, LOADED);
    expect(statusMasks(child.pid).ignored & bits('SIGQUIT')).not.toBe(0n);
    child.write('\x03');
    expect(await child.exit).toEqual({ code: null, signal: 'SIGINT' });
  });

  test('on a terminal, of which the last words are heard, however late', async () => {
    const words = 'äöü '.repeat(1_000);
    const child = await spawnWith(shell('read line', `printf '%s' '${words}'`, 'exit 3'), {
      pty: true,
    });
    child.write('\n');
    // Nothing is read meanwhile: the words and the end come at once, and are more than one read brings.
    const deadline = performance.now() + LOADED.timeoutMs;
    while (!['Z', 'gone'].includes(stateOf(child.pid)) && performance.now() < deadline);
    expect(await child.exit).toEqual({ code: 3, signal: null });
    expect(child.output).toBe(`\r\n${words}`);
  });

  test('on a terminal that hangs up', async () => {
    const child = await spawnWith(SLEEP, { pty: true });
    child.hangUp();
    expect(await child.exit).toEqual({ code: null, signal: 'SIGHUP' });
  });

  test('as process 1 of a namespace, seen by its pid outside', async () => {
    const child = await spawnWith(shell('trap "echo got it" TERM', 'echo $$'), {
      pidNamespace: true,
      ignored: 'SIGUSR1',
    });
    await child.waitFor(/^1\n/, LOADED);
    await untilCaught(child, 'SIGTERM', LOADED);
    expect(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^NSpid:\t\d+\t1$/m);
    // The kernel protects process 1 from signals that it does not catch.
    await deliver(child, 'SIGUSR2', LOADED);
    await deliver(child, 'SIGTERM', LOADED);
    child.write('\n');
    await child.waitFor(/got it/, LOADED);
    child.kill('SIGKILL');
    expect(await child.exit).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('leaves nothing behind that killSpawned or disposal would not end', async () => {
    const children = [
      await spawnWith(SLEEP),
      await spawnWith(SLEEP, { pty: true }),
      await spawnWith(SLEEP, { pidNamespace: true }),
    ];
    await killSpawned();
    expect(children.map(({ ended }) => ended)).toEqual(
      Array(3).fill({ code: null, signal: 'SIGKILL' }),
    );
    const disposed = await spawnWith(SLEEP);
    await disposed[Symbol.asyncDispose]();
    expect(disposed.ended).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test.each([{}, { ignored: 'SIGHUP' }, { pty: true }, { pidNamespace: true }] as const)(
    'refuses a program that is not there, with %p',
    async (options) => {
      await expect(spawnWith('no-such-program', options)).rejects.toMatchObject({
        code: 'ERR_INVALID_ARG',
        message: expect.stringMatching(/no-such-program.*a program that can be run/) as unknown,
      });
    },
  );

  test('refuses bad input, and starts nothing', async () => {
    await expect(spawnWith([])).rejects.toMatchObject({ code: 'ERR_INVALID_ARG' });
    await expect(spawnWith(SLEEP, { ignored: 'SIGKILL' })).rejects.toMatchObject({
      code: 'ERR_UNCATCHABLE',
    });
    await expect(spawnWith(SLEEP, { blocked: 32 })).rejects.toMatchObject({
      code: 'ERR_RESERVED_SIGNAL',
    });
    await expect(spawnWith(SLEEP, { ignored: 'SIGFOO' })).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_SIGNAL',
    });
    await expect(spawnWith(SLEEP, { ignored: 'SIGHUP', defaults: 1 })).rejects.toMatchObject({
      message: 'Invalid options.defaults: 1; expected none that is also ignored (SIGHUP).',
    });
    await expect(spawnWith(SLEEP, { pty: 5 } as never)).rejects.toThrow(/an object/);
  });

  test('says what is missing: node-pty, unshare', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { spawnWith } = require('sigbridge/testing') as typeof import('sigbridge/testing');
      const Module = require('node:module') as { _load: (...given: unknown[]) => unknown };
      const load = Module._load;
      Module._load = (...given) => {
        if (given[0] === 'node-pty') throw new Error('not installed');
        return load(...given);
      };
      const fail = (options: object) =>
        spawnWith('true', options).then(
          () => null,
          (error: unknown) => error,
        );
      report(await fail({ pty: true }));
      process.env['PATH'] = '/nowhere';
      report(await fail({ pidNamespace: true }));
    });
    expect(await child.next()).toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining("'npm install node-pty'") as unknown,
    });
    expect(await child.next()).toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringContaining('unshare') as unknown,
    });
  });
});

test('spawnWith says that this user may make no namespace', async () => {
  const child = await scenario(
    async ({ require, report }) => {
      const { spawnWith } = require('sigbridge/testing') as typeof import('sigbridge/testing');
      report(await spawnWith('true', { pidNamespace: true }).catch((error: unknown) => error));
    },
    { launcher: [...UNSHARE, 'setpriv', '--bounding-set=-sys_admin'] },
  );
  expect(await child.next()).toMatchObject({
    code: 'ERR_PERMISSION',
    message: expect.stringMatching(
      /may not make a pid namespace: unshare: .*not permitted/,
    ) as unknown,
  });
});

describe('the awaiters', () => {
  test('see what a program does to itself, and what is sent to it', async () => {
    const child = await scenario(
      async ({ next, fixture, args }) => {
        const raw = fixture('raw');
        await next();
        raw.ignoreSignal(args.rt);
        await next();
        raw.block([args.rt + 1]);
        await next();
        process.on('SIGUSR2', () => undefined);
        await next();
      },
      { args: { rt: 37 } },
    );
    const unchanged = expect(untilIgnored(child, 37, { timeoutMs: 30 })).rejects;
    await unchanged.toMatchObject({ code: 'ERR_TIMEOUT' });
    child.tell();
    await untilIgnored(child, 'SIGRTMIN+3', LOADED);
    await expect(untilBlocked(child, 38, { timeoutMs: 30 })).rejects.toThrow(
      /to block SIGRTMIN\+4/,
    );
    child.tell();
    await untilBlocked(child, 38, LOADED);
    await expect(untilCaught(child, 12, { timeoutMs: 30 })).rejects.toThrow(/to catch SIGUSR2/);
    child.tell();
    await untilCaught(child.pid, 'SIGUSR2', LOADED);
    await expect(untilPending(child, 38, { timeoutMs: 30 })).rejects.toThrow(
      /have SIGRTMIN\+4 pend/,
    );
    // One blocks it, but not all threads do: this one is sent to the main thread alone.
    const { pid } = await spawnWith(SLEEP, { blocked: 38 });
    kill(pid, 38);
    await untilPending(pid, 38, LOADED);
  });

  test('look at the thread that is asked for', async () => {
    const child = await scenario(async ({ next, report, fixture }) => {
      const raw = fixture('raw');
      const tid = raw.startThread({ block: [38] });
      report(tid);
      await next();
      raw.endThread(tid);
    });
    const tid = await child.next<number>();
    await untilBlocked(child, 38, { ...LOADED, tid });
    await expect(untilBlocked(child, 38, { timeoutMs: 30 })).rejects.toThrow(/to block/);
    child.tell();
    await child.exit;
  });

  test('say on failure how the process stands', async () => {
    const child = await spawnWith(SLEEP, { ignored: 'SIGHUP', blocked: ['SIGUSR1'] });
    await untilState(child, 'S', LOADED);
    child.kill('SIGUSR1');
    const { pid } = child;
    await expect(untilCaught(child, 'SIGINT', { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      message: [
        `Waited 20 ms in vain for process ${pid} to catch SIGINT`,
        `sleep 1000 (process ${pid}, sleeping)`,
        '  ignored  SIGHUP',
        '  caught   nothing',
        '  pending  SIGUSR1',
        `  thread ${pid} (sleep): blocked SIGUSR1; pending nothing`,
      ].join('\n'),
    });
  });

  test('do not wait for a process that has ended', async () => {
    const { pid } = spawnSync('true');
    await expect(untilCaught(pid, 'SIGINT')).rejects.toMatchObject({ code: 'ERR_NO_SUCH_PROCESS' });
    await expect(untilState(pid, 'S')).rejects.toMatchObject({ code: 'ERR_NO_SUCH_PROCESS' });
    await untilEnded(pid);
    // A zombie: its parent is stopped and cannot reap it.
    const child = await spawnWith(shell('sleep 1000 & echo $!', 'kill -STOP $$'));
    const zombie = Number((await child.waitFor(/\d+/, LOADED))[0]);
    await untilState(child, ['T', 't'], LOADED);
    kill(zombie, 'SIGKILL');
    await untilState(zombie, 'Z', LOADED);
    await expect(untilCaught(zombie, 'SIGINT')).rejects.toMatchObject({
      code: 'ERR_NO_SUCH_PROCESS',
    });
    await untilEnded(zombie);
    await expect(untilEnded(child, { timeoutMs: 20 })).rejects.toThrow(
      /to end\nbash [^]*, stopped/,
    );
  });

  test('refuse what is no process, no signal and no time', async () => {
    await expect(untilCaught({}, 'SIGINT')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG' });
    await expect(untilCaught(-1, 'SIGINT')).rejects.toMatchObject({ code: 'ERR_INVALID_ARG' });
    await expect(untilCaught(null as never, 2)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG' });
    await expect(untilCaught(process, 'SIGFOO')).rejects.toMatchObject({
      code: 'ERR_UNKNOWN_SIGNAL',
    });
    await expect(until(() => true, 'it', { timeoutMs: -1 })).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG',
    });
  });
});

describe('deliver', () => {
  test('resolves when the handler has been entered, value included', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      sigbridge.on(
        'SIGRTMIN+3',
        ({ code, value }) => {
          report([code, value]);
        },
        { ref: true },
      );
      report();
    });
    await child.next();
    await deliver(child, 'SIGRTMIN+3', { value: -7, ...LOADED });
    expect(statusMasks(child.pid)).toMatchObject({ shared: 0n, pending: 0n });
    await deliver(child, 'SIGRTMIN+3', LOADED);
    expect(await child.next()).toEqual(['SI_QUEUE', -7]);
    expect(await child.next()).toEqual(['SI_USER', null]);
  });

  test('resolves when it was ignored, or has ended or stopped the process', async () => {
    const child = await spawnWith(SLEEP, { ignored: 'SIGHUP' });
    await deliver(child, 'SIGHUP', LOADED);
    await deliver(child, 'SIGSTOP', LOADED);
    await untilState(child, 'T', LOADED);
    await deliver(child, 'SIGCONT', LOADED);
    await deliver(child, 'SIGTERM', LOADED);
    expect(await child.exit).toEqual({ code: null, signal: 'SIGTERM' });
  });

  test('waits until it is taken', async () => {
    const child = await spawnWith(shell('trap "echo got it" USR2', 'echo ready'));
    await child.waitFor(/ready/, LOADED);
    await deliver(child, 'SIGSTOP', LOADED);
    await untilState(child, 'T', LOADED);
    let taken = false;
    const delivery = deliver(child, 'SIGUSR2', LOADED).then(() => (taken = true));
    await untilPending(child, 'SIGUSR2', LOADED);
    expect(taken).toBe(false);
    child.kill('SIGCONT');
    await delivery;
    child.write('\n');
    await child.waitFor(/got it/, LOADED);
  });

  test('is over when the process is, whatever was pending', async () => {
    const child = await spawnWith(SLEEP, { blocked: 'SIGUSR2' });
    const delivery = deliver(child, 'SIGUSR2', LOADED);
    await untilPending(child, 'SIGUSR2', LOADED);
    child.kill('SIGKILL');
    await delivery;
    expect(await child.exit).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('says why when nobody takes it', async () => {
    const stopped = await spawnWith(SLEEP);
    await deliver(stopped, 'SIGSTOP', LOADED);
    await untilState(stopped, 'T', LOADED);
    await expect(deliver(stopped, 'SIGUSR1', { timeoutMs: 20 })).rejects.toThrow(
      /20 ms in vain for process \d+ to take SIGUSR1\nsleep 1000 .*, stopped\)[^]*pending {2}SIGUSR1/,
    );
  });

  test('refuses a process that has ended, a zombie too', async () => {
    const child = spawn('true');
    const { pid = 0 } = child;
    await untilState(pid, ['Z', 'X'], LOADED);
    await expect(deliver(pid, 'SIGTERM')).rejects.toMatchObject({ code: 'ERR_NO_SUCH_PROCESS' });
  });
});

describe('the snapshot', () => {
  test('is unchanged by what puts all back', async () => {
    const before = signalSnapshot();
    on(['SIGUSR2', 'SIGRTMIN+3'], () => undefined).close();
    mask.unblock(mask.block(['SIGALRM']).length === 0 ? ['SIGALRM'] : []);
    const child = await spawnWith(SLEEP);
    expect(before.changes()).toEqual([]);
    child.kill('SIGKILL');
    await child.exit;
    before.assertUnchanged();
    expect(before.changes()).toEqual([]);
  });

  test('names a handler, a further listener and a blocked signal', () => {
    const before = signalSnapshot();
    const first = on('SIGUSR2', () => undefined);
    const between = signalSnapshot();
    const second = on('SIGUSR2', () => undefined);
    mask.block(['SIGALRM']);
    try {
      expect(between.changes()).toEqual([
        {
          signal: 'SIGUSR2',
          what: 'listeners',
          before: expect.anything() as unknown,
          after: expect.anything() as unknown,
        },
        { signal: 'SIGALRM', what: 'blocked', before: 'not blocked', after: 'blocked' },
      ]);
      expect(() => {
        before.assertUnchanged();
      }).toThrow(
        /not as they were:\n {2}SIGUSR2 disposition: default before, a handler of sigbridge \(.*\) now\n {2}SIGUSR2 listeners: 0 of sigbridge and 0 of process.on before, 2 of sigbridge and 0 of process.on now\n {2}SIGALRM blocked: not blocked before, blocked now/,
      );
    } finally {
      first.close();
      second.close();
      mask.unblock(['SIGALRM']);
    }
    expect(before.changes()).toEqual([]);
  });

  test('names what is done to SIGCHLD, but not what child processes do to it', async () => {
    const before = signalSnapshot();
    const ignored = ignore('SIGCHLD', { force: true });
    try {
      expect(before.changes()).toEqual([
        {
          signal: 'SIGCHLD',
          what: 'disposition',
          before: 'as child_process needs it',
          after: 'ignore',
        },
      ]);
    } finally {
      restore(ignored);
    }
    const child = spawn('sleep', ['60']);
    expect(inspect('SIGCHLD').owner).toBe('libuv');
    expect(before.changes()).toEqual([]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(before.changes()).toEqual([]);
  });

  test('fails the test that leaks, and only that', async () => {
    const hooks: { before?: () => void; after?: () => Promise<void> } = {};
    failOnLeak({
      beforeEach: (hook) => (hooks.before = hook),
      afterEach: (hook) => (hooks.after = hook),
    });
    hooks.before?.();
    const leaked = on('SIGUSR2', () => undefined);
    await expect(hooks.after?.()).rejects.toThrow(/SIGUSR2 disposition/);
    hooks.before?.();
    await hooks.after?.();
    hooks.before?.();
    leaked.close();
    await expect(hooks.after?.()).rejects.toThrow(/a handler of sigbridge .* before, default now/);
  });
});
