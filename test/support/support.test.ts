import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { type Foreign, fixturePath, flood, receiver } from './fixtures';
import {
  bits,
  statusMasks,
  switches,
  threads,
  until,
  untilBlocked,
  untilCaught,
  untilGone,
  untilIgnored,
  untilPending,
  untilState,
} from './kernel';
import { kill, killGroup, killGroupQuietly, killQuietly } from './kill';
import { CTRL_C, onTerminal } from './pty';
import { launchers, scenario, scenarioCommand } from './scenario';
import { UNSHARE } from './unshare';

const RT = 37;
const CLIB = path.join(__dirname, '../../examples/clib/build/Release/clib.node');

describe('a signal to something that no test has started is refused:', () => {
  // What an empty line, a process that did not start, and kill(2)'s own wildcards give.
  test.each([NaN, 0, 1, -1, -2, 2.5, 2 ** 31, undefined])('%p', (pid) => {
    for (const send of [kill, killGroup]) {
      expect(() => {
        send(pid, 0);
      }).toThrow('of anything that a test has started');
    }
    for (const quietly of [killQuietly, killGroupQuietly]) {
      const call = (): void => {
        quietly(pid);
      };
      if (pid === undefined) expect(call).not.toThrow();
      else expect(call).toThrow('of anything that a test has started');
    }
  });

  test('the group of the test run', () => {
    const group = Number(execFileSync('python3', ['-c', 'import os; print(os.getpgrp())']));
    expect(() => {
      killGroup(group, 0);
    }).toThrow("is the test run's own");
  });
});

describe('a scenario', () => {
  test('reports values of every kind, in order', async () => {
    const child = await scenario(
      ({ report, args }) => {
        report(args);
        report({ mask: 2n ** 63n, list: [null, 'ü', 1.5] });
        report(Object.assign(new TypeError('no'), { code: 'ERR_NO' }));
        report();
      },
      { args: { big: 5n } },
    );
    expect(await child.next()).toEqual({ big: 5n });
    expect(await Promise.all([child.next(), child.next(), child.next()])).toEqual([
      { mask: 2n ** 63n, list: [null, 'ü', 1.5] },
      { name: 'TypeError', message: 'no', code: 'ERR_NO' },
      undefined,
    ]);
    expect(await child.exit).toEqual({ code: 0, signal: null, stdout: '', stderr: '' });
    expect(child.reports()).toHaveLength(4);
  });

  test('is heard although a signal ends it right after its report', async () => {
    const child = await scenario(({ report }) => {
      const long = 'x'.repeat(1_000_000);
      report(long);
      process.kill(process.pid, 'SIGKILL');
    });
    expect(await child.next<string>()).toHaveLength(1_000_000);
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGKILL' });
  });

  test('in a PID namespace of its own is not signalled by its pid, which is another out here', async () => {
    const launcher = [...UNSHARE, '--pid', '--fork', '--kill-child', '--mount-proc'];
    const child = await scenario(({ next }) => next(), { launcher });
    expect(child.pid).toBe(1);
    expect(() => {
      child.kill('SIGTERM');
    }).toThrow('undefined is not the pid');
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('dies by the signal that the test sends', async () => {
    const child = await scenario(({ next }) => next());
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  test('dies by a real-time signal, which a shell can tell', async () => {
    const child = await scenario(({ next }) => next(), { launcher: launchers.status });
    child.kill(RT);
    expect(await child.exit).toMatchObject({ code: 128 + RT });
  });

  test('answers each wait in turn, also when its reports come one by one', async () => {
    const child = await scenario(async ({ next, report }) => {
      for (let i = 0; i < 3; i++) report(await next());
    });
    const reports = Promise.all([child.next(), child.next(), child.next()]);
    for (const value of ['a', 'b', 'c']) {
      child.tell(value);
      await until(() => child.reports().includes(value), value);
    }
    expect(await reports).toEqual(['a', 'b', 'c']);
  });

  test('is told values, and is not kept alive by those it does not await', async () => {
    const child = await scenario(async ({ next, report }) => {
      report(await next());
      report(await next());
    });
    child.tell({ n: 1n });
    child.tell('two');
    child.tell('never read');
    expect(await child.next()).toEqual({ n: 1n });
    expect(await child.next()).toBe('two');
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('that fails rejects the wait for its report, with the reason', async () => {
    const child = await scenario(() => {
      throw new RangeError('broken on purpose');
    });
    await expect(child.next()).rejects.toThrow(/scenario failed: RangeError: broken on purpose/);
    expect(await child.exit).toMatchObject({ code: 1 });
  });

  test('that ends without a report rejects the wait, with what it wrote and how it ended', async () => {
    const child = await scenario(() => {
      process.stderr.write('last words');
      process.exitCode = 3;
    });
    await expect(child.next()).rejects.toThrow(/ended before a report\nexit: 3\n.*\n.*last words/);
  });

  test('imports modules', async () => {
    const child = await scenario(async ({ importModule, report }) => {
      report(Object.keys(await importModule('node:os')).includes('constants'));
    });
    expect(await child.next()).toBe(true);
  });

  test('that cannot be started rejects with the reason', async () => {
    await expect(scenario(() => 0, { node: '/no/such/node' })).rejects.toThrow(/ENOENT/);
  });

  test('runs in another node, with its arguments and environment, and with input', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'scenario-'));
    const node = path.join(folder, 'other-node');
    fs.symlinkSync(process.execPath, node);
    const child = await scenario(
      async ({ report }) => {
        report([process.argv0, process.execArgv, process.env['COLOUR']]);
        for await (const chunk of process.stdin) report(String(chunk));
      },
      {
        node,
        nodeArgs: ['--no-warnings'],
        env: { COLOUR: 'blue' },
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
    child.stdin?.end('typed');
    expect(await child.next()).toEqual([node, ['--no-warnings'], 'blue']);
    expect(await child.next()).toBe('typed');
    await child.exit;
    fs.rmSync(folder, { recursive: true });
  });

  test('has its own pid behind a launcher, whose ignored real-time signal it inherits', async () => {
    const child = await scenario(
      async ({ report, next }) => {
        report([process.pid, process.ppid]);
        await next();
      },
      { launcher: ['env', `--ignore-signal=${String(RT)}`, ...launchers.background] },
    );
    const [pid, shell] = await child.next<[number, number]>();
    expect(child.pid).toBe(pid);
    expect(statusMasks(pid).ignored & bits(RT)).toBe(bits(RT));
    // What the shell did for its background program is what Node undoes at its start.
    expect(shell).not.toBe(process.pid);
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ code: 128 + 15 });
  });
});

describe('what a test leaves behind', () => {
  let left: number[] = [];

  test('runs as long as the test does', async () => {
    const child = await scenario(({ next }) => next(), { launcher: launchers.background });
    const terminal = onTerminal(['sleep', '1000']);
    left = [child.pid, terminal.pid];
    expect(left.filter((pid) => fs.existsSync(`/proc/${pid}`))).toEqual(left);
  });

  test('is gone in the next one', async () => {
    for (const pid of left) await untilGone(pid);
    expect(left).toHaveLength(2);
  });
});

describe('the state of the kernel', () => {
  test('is awaited for dispositions, masks and pending signals', async () => {
    const child = await scenario(
      async ({ next, fixture, args }) => {
        const raw = fixture('raw');
        process.on('SIGUSR2', () => undefined);
        await next();
        raw.ignoreSignal(args.rt);
        raw.block([args.rt + 1]);
        raw.sendThread(raw.tid(), args.rt + 1);
        await next();
      },
      { args: { rt: RT } },
    );
    await untilCaught(child.pid, 'SIGUSR2');
    expect(statusMasks(child.pid).ignored & bits(RT)).toBe(0n);
    child.tell();
    await untilIgnored(child.pid, RT);
    await untilBlocked(child.pid, RT + 1);
    await untilPending(child.pid, RT + 1);
    expect(statusMasks(child.pid)).toMatchObject({ shared: 0n, pending: bits(RT + 1) });
  });

  test('is awaited for stopped, running and gone processes', async () => {
    const child = await scenario(({ next }) => next());
    child.kill('SIGSTOP');
    await untilState(child.pid, 'T');
    child.kill('SIGCONT');
    await untilState(child.pid, 'S', 'R');
    child.kill('SIGKILL');
    await untilGone(child.pid);
    expect((await child.exit).signal).toBe('SIGKILL');
  });

  test('has every thread, with its own mask', async () => {
    const child = await scenario(
      async ({ next, report, fixture, args }) => {
        const raw = fixture('raw');
        const tid = raw.startThread({ block: [args.rt] });
        report([raw.tid(), tid]);
        await next();
        raw.endThread(tid);
        report();
        await next();
      },
      { args: { rt: RT } },
    );
    const [main, tid] = await child.next<[number, number]>();
    expect(main).toBe(child.pid);
    const blocked = new Map(threads(child.pid).map(({ tid, masks }) => [tid, masks.blocked]));
    expect(blocked.get(main)).toBe(0n);
    expect(blocked.get(tid)).toBe(bits(RT));
    expect(threads(child.pid)[0]).toMatchObject({ tid: main, name: expect.any(String) });
    child.tell();
    await child.next();
    await until(() => !threads(child.pid).some((thread) => thread.tid === tid), 'its end');
  });

  test('counts the context switches of each thread', async () => {
    const child = await scenario(async ({ next, report }) => {
      for (;;) report(await next());
    });
    await untilState(child.pid, 'S');
    const before = switches(child.pid).get(child.pid)?.voluntary ?? Infinity;
    for (let i = 0; i < 3; i++) {
      child.tell(i);
      await child.next();
      await untilState(child.pid, 'S');
    }
    expect(switches(child.pid).get(child.pid)?.voluntary).toBeGreaterThan(before);
  });

  test('that never comes is an error that says what was awaited', async () => {
    await expect(until(() => false, 'the end of time', 5)).rejects.toThrow(/5 ms .* end of time/);
  });
});

describe('a terminal', () => {
  test('turns Ctrl+C into a death by SIGINT', async () => {
    const terminal = onTerminal(['cat']);
    terminal.write('ready\n');
    await terminal.waitFor(/ready\s+ready/); // the terminal's echo, and cat's
    terminal.write(CTRL_C);
    expect(await terminal.exit).toEqual({ code: 0, signal: 2 });
  });

  test('has a size, tells its change, and shows a scenario’s reports', async () => {
    const command = scenarioCommand(({ report }) => {
      report(process.stdout.getWindowSize());
      const ask = () => {
        const size = process.stdout.getWindowSize();
        if (size[0] === 60) return setImmediate(ask);
        report(size);
        process.exit(7);
      };
      process.on('SIGWINCH', ask);
      process.stdin.resume();
      report('listening');
    });
    const terminal = onTerminal(command, { cols: 60, rows: 10 });
    await terminal.waitFor(/"value":\[60,10\][^]*listening/);
    terminal.resize(90, 30);
    await terminal.waitFor(/"value":\[90,30\]/);
    expect(await terminal.exit).toEqual({ code: 7, signal: 0 });
    await expect(terminal.waitFor(/\[90,30\]/)).rejects.toThrow(/ended before .*90,30/);
  });
});

describe('a flood', () => {
  test('reaches a C program whole and in order', async () => {
    const target = await receiver(RT);
    const { sent, refused } = await flood(target.pid, RT, 20_000, { first: 7 });
    expect({ sent, refused }).toEqual({ sent: 20_000, refused: 0 });
    expect(await target.end()).toEqual({
      received: 20_000,
      inversions: 0,
      first: 7,
      last: 20_006,
    });
  });

  test('that does not wait counts what a full queue refuses', async () => {
    const target = await receiver(RT, { hold: 100 });
    const { sent, refused, retries } = await flood(target.pid, RT, 300, { allAtOnce: true });
    expect({ total: sent + refused, retries }).toEqual({ total: 300, retries: 0 });
    expect(refused).toBeGreaterThanOrEqual(200);
    expect(await target.end()).toMatchObject({ received: sent });
  });

  test('sends another signal in its midst', async () => {
    const child = await scenario(
      async ({ next, report, fixture, args }) => {
        const foreign = fixture('foreign_a');
        foreign.install(args.rt, { siginfo: true });
        foreign.install(15, { siginfo: true });
        report();
        await next();
        const [term] = foreign.read(15).history;
        const { calls, history } = foreign.read(args.rt);
        report({ term, calls, values: history.map(({ value }) => value), at: history[0]?.at });
      },
      { args: { rt: RT } },
    );
    await child.next();
    await flood(child.pid, RT, 50, { mix: { signal: 'SIGTERM', after: 25 } });
    child.tell();
    const seen = await child.next<{ calls: number; values: number[]; term: object }>();
    expect(seen.term).toMatchObject({ signo: 15, code: 0 });
    expect(seen.calls).toBe(50);
    expect([...seen.values].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
  });
});

describe('a foreign handler', () => {
  test('notes what it was given, its thread and its mask', async () => {
    const child = await scenario(
      async ({ next, report, fixture, args }) => {
        const a = fixture('foreign_a');
        const b = fixture('foreign_b');
        const raw = fixture('raw');
        const SA_NODEFER = 0x40000000;
        a.install(args.rt, { siginfo: true, mask: [10, 40] });
        b.install(15, { siginfo: false, flags: SA_NODEFER });
        report(raw.tid());
        await next();
        raw.sendThread(raw.tid(), 15);
        report({ a: a.read(args.rt), b: b.read(15) });
      },
      { args: { rt: RT } },
    );
    const main = await child.next<number>();
    // The other threads may take it too: one signal, one call, on any of them.
    await flood(child.pid, RT, 1, { first: -5 });
    child.tell();
    const { a, b } = await child.next<Record<'a' | 'b', ReturnType<Foreign['read']>>>();
    expect(a).toMatchObject({ calls: 1, installed: true });
    const call = a.history[0];
    expect(call).toMatchObject({
      arguments: 3,
      signo: RT,
      code: -1,
      value: -5,
      uid: os.userInfo().uid,
    });
    expect((call?.mask ?? 0n) & bits(RT, 10, 40, 11)).toBe(bits(RT, 10, 40));
    expect(call?.at).toBeLessThan(process.hrtime.bigint());
    expect(b.history).toEqual([expect.objectContaining({ arguments: 1, signo: 15, tid: main })]);
    expect((b.history[0]?.mask ?? -1n) & bits(15)).toBe(0n);
  });

  test('stands over another, and gives back what stood before in every field', async () => {
    const child = await scenario(({ report, fixture }) => {
      const raw = fixture('raw');
      const a = fixture('foreign_a');
      const b = fixture('foreign_b');
      const states = [raw.current(10)];
      a.install(10, { siginfo: true, flags: 0x10000000, mask: [1, 64] });
      states.push(raw.current(10));
      b.install(10, { siginfo: false, flags: 0x80000000 });
      states.push(raw.current(10));
      const installed = [a.read(10).installed, b.read(10).installed];
      b.uninstall(10);
      states.push(raw.current(10));
      a.uninstall(10);
      states.push(raw.current(10));
      raw.ignoreSignal(10);
      states.push(raw.current(10));
      raw.setDefault(10);
      states.push(raw.current(10));
      report({ states, installed });
    });
    const { states, installed } = await child.next<{ states: unknown[]; installed: boolean[] }>();
    const [start, a, b, aAgain, startAgain, ignored, reset] = states;
    const SA_RESTORER = 0x04000000;
    expect(a).toMatchObject({ flags: 0x10000004 | SA_RESTORER, mask: bits(1, 64) });
    expect(b).toMatchObject({ flags: 0x80000000 + SA_RESTORER, mask: 0n });
    expect(installed).toEqual([false, true]);
    expect(aAgain).toEqual(a);
    expect(startAgain).toEqual(start);
    expect(ignored).toMatchObject({ handler: '0x1', flags: 0, mask: 0n });
    expect(reset).toMatchObject({ handler: '0x0' });
  });
});

describe('a foreign watcher', () => {
  test('counts signals beside process.on, and keeps no loop alive', async () => {
    const child = await scenario(async ({ report, fixture }) => {
      const uv = fixture('uvwatch');
      uv.startWatch(15);
      uv.startWatch(12, { oneshot: true });
      const alive = setInterval(() => undefined, 1000);
      for (const signal of ['SIGTERM', 'SIGUSR2', 'SIGTERM', 'SIGUSR2'] as const) {
        const seen = new Promise((resolve) => process.once(signal, resolve));
        process.kill(process.pid, signal);
        await seen;
      }
      clearInterval(alive);
      uv.stopWatch(15);
      report([uv.count(15), uv.count(12)]);
      uv.startWatch(15);
    });
    expect(await child.next()).toEqual([2, 1]);
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
  });

  test('ends with its worker', async () => {
    const child = await scenario(
      async ({ report, require, args }) => {
        const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
        const source = `require(${JSON.stringify(args.uvwatch)}).startWatch(15); setInterval(() => 0, 1e6);
        require('node:worker_threads').parentPort.postMessage('watching');`;
        const worker = new Worker(source, { eval: true });
        await new Promise((resolve) => worker.once('message', resolve));
        report(await worker.terminate());
      },
      { args: { uvwatch: fixturePath('uvwatch.node') } },
    );
    expect(await child.next()).toBe(1);
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});

test('a process becomes another program, which inherits what was ignored and blocked', async () => {
  const child = await scenario(
    ({ fixture, args }) => {
      const raw = fixture('raw');
      raw.ignoreSignal(2);
      raw.ignoreSignal(args.rt);
      raw.block([args.rt + 1]);
      raw.execTo('/bin/cat', ['cat', '/proc/self/status']);
    },
    { args: { rt: RT } },
  );
  const { stdout } = await child.exit;
  const mask = (name: string): bigint =>
    BigInt(`0x${stdout.split(`${name}:\t`)[1]?.split('\n')[0]}`);
  expect(stdout).toMatch(/^Name:\tcat$/m);
  expect(mask('SigIgn') & bits(2, RT, 15)).toBe(bits(2, RT));
  expect(mask('SigBlk')).toBe(bits(RT + 1));
});

test('the C library of the examples counts each Ctrl+C and can be taken out again', async () => {
  const child = await scenario(
    ({ report, require, fixture, args }) => {
      const raw = fixture('raw');
      const clib = require(args.clib) as Record<'install' | 'uninstall' | 'calls', () => number>;
      const before = raw.current(2);
      clib.install();
      raw.sendThread(raw.tid(), 2);
      raw.sendThread(raw.tid(), 2);
      clib.uninstall();
      report({ calls: clib.calls(), before, after: raw.current(2) });
    },
    { args: { clib: CLIB } },
  );
  const { calls, before, after } = await child.next<Record<string, unknown>>();
  expect(calls).toBe(2);
  expect(after).toEqual(before);
  expect((await child.exit).stdout.match(/SIGINT seen by the C library\n/g)).toHaveLength(2);
});
