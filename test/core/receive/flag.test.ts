import fs from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { bits, statusMasks } from '../../support/kernel';
import { scenario } from '../../support/scenario';

const RT = 37;

describe('a flag', () => {
  test('is raised in a synchronous loop, and counts until it is cleared', async () => {
    const child = await scenario(
      ({ sigbridge, report, require, args }) => {
        const { sendSelf } = require('./within.js') as typeof import('../../support/within');
        const flag = sigbridge.flag(['SIGUSR2', args.rt]);
        report([flag.signals, flag.raised, flag.count, flag.clear(), flag.closed]);
        while (!flag.raised);
        report([flag.raised, flag.count]);
        report([flag.clear(), flag.raised, flag.count]);
        for (const value of [1, 2, 3]) sendSelf(sigbridge, args.rt, value);
        process.kill(process.pid, 'SIGUSR2');
        report([flag.raised, flag.count]);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([['SIGUSR2', 'SIGRTMIN+3'], false, 0, 0, false]);
    child.kill('SIGUSR2');
    expect(await child.next()).toEqual([true, 1]);
    expect(await child.next()).toEqual([1, false, 0]);
    expect(await child.next()).toEqual([true, 4]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('is seen by optimised code, which reads it anew in each round', async () => {
    const child = await scenario(
      ({ sigbridge, report, require }) => {
        const { runInThisContext } = require('node:vm') as typeof import('node:vm');
        const flag = sigbridge.flag('SIGUSR2');
        // Numbers that are no integers from the start: none of them makes the code be given up.
        // V8's runtime-test.cc explains the bits of the status.
        const run = runInThisContext(`(flag, report) => {
          function rounds(flag, most) {
            let rounds = 0.5;
            while (!flag.raised && rounds < most) rounds++;
            return rounds;
          }
          const isOptimised = () => (%GetOptimizationStatus(rounds) & 16) !== 0;
          process.kill(process.pid, 'SIGUSR2');
          rounds(flag, 1000.5);
          flag.clear();
          while (!isOptimised()) rounds(flag, 1000.5);
          report('optimised');
          const many = rounds(flag, 1e15 + 0.5) > 1e6;
          report([many, isOptimised(), flag.count]);
        }`) as (flag: unknown, report: unknown) => void;
        run(flag, report);
      },
      { nodeArgs: ['--allow-natives-syntax'] },
    );
    expect(await child.next()).toBe('optimised');
    // It has computed for a while once its thread has used some more of the processor's time.
    await usedMore(child.pid, 10);
    child.kill('SIGUSR2');
    expect(await child.next()).toEqual([true, true, 1]);
  });

  test('stays as it is once it is closed, and gives the signal back', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      sigbridge.ignore('SIGUSR2');
      const flag = sigbridge.flag(['SIGUSR2', 'SIGHUP']);
      process.kill(process.pid, 'SIGUSR2');
      flag.close();
      flag.close();
      process.kill(process.pid, 'SIGUSR2');
      report([flag.raised, flag.count, flag.closed]);
      report(['SIGUSR2', 'SIGHUP'].map((signal) => sigbridge.inspect(signal).disposition));
      const other = sigbridge.flag('SIGHUP');
      other[Symbol.dispose]();
      report([other.closed, sigbridge.inspect('SIGHUP').disposition]);
    });
    expect(await child.next()).toEqual([true, 1, true]);
    expect(await child.next()).toEqual(['ignore', 'default']);
    expect(await child.next()).toEqual([true, 'default']);
  });

  test('stands beside other listeners, and a C handler that was there before', async () => {
    const child = await scenario(
      async ({ sigbridge, report, fixture, require, args }) => {
        const { sendSelf, until } = require('./within.js') as typeof import('../../support/within');
        const foreign = fixture('foreign_a');
        foreign.install(args.rt, { siginfo: true });
        const flags = [sigbridge.flag(args.rt), sigbridge.flag(args.rt)];
        sendSelf(sigbridge, args.rt, 1);
        report([flags.map(({ count }) => count), foreign.read(args.rt).calls]);
        let heard = 0;
        const subscription = sigbridge.on(args.rt, () => heard++);
        flags[0]?.close();
        sendSelf(sigbridge, args.rt, 2);
        await until(() => heard === 1);
        subscription.close();
        sendSelf(sigbridge, args.rt, 3);
        report([flags.map(({ count }) => count), foreign.read(args.rt).calls, heard]);
        flags[1]?.close();
        report(foreign.read(args.rt).installed);
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([[1, 1], 1]);
    expect(await child.next()).toEqual([[1, 3], 3, 1]);
    expect(await child.next()).toBe(true);
  });

  test('lies in memory of the JavaScript heap, wherever that moves its objects', async () => {
    const addon = fs.readFileSync('build/Release/sigbridge.node', 'latin1');
    expect(addon).toContain('napi_create_reference');
    expect(addon).not.toContain('napi_create_external');
    const child = await scenario(
      ({ sigbridge, report }) => {
        const flags = Array.from({ length: 500 }, () => sigbridge.flag('SIGUSR2'));
        const garbage: unknown[] = [];
        for (let turn = 0; turn < 20; turn++) {
          garbage.push(Array.from({ length: 1000 }, () => ({ turn })));
          globalThis.gc?.();
          process.kill(process.pid, 'SIGUSR2');
        }
        report(flags.filter(({ raised, count }) => raised && count === 20).length);
      },
      { nodeArgs: ['--expose-gc'] },
    );
    expect(await child.next()).toBe(500);
  });

  test('that is garbage-collected gives its signal back, with one warning', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require }) => {
        const { until } = require('./within.js') as typeof import('../../support/within');
        const warnings: string[] = [];
        process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`));
        const forget = (signal: string): void => {
          sigbridge.flag(signal);
        };
        const isDefault = (signal: string) => sigbridge.inspect(signal).disposition === 'default';
        sigbridge.ignore('SIGALRM');
        forget('SIGUSR2');
        forget('SIGHUP');
        await until(() => (globalThis.gc?.(), isDefault('SIGUSR2') && isDefault('SIGHUP')));
        forget('SIGALRM');
        await until(() => (globalThis.gc?.(), sigbridge.ignored('SIGALRM')));
        report(warnings);
      },
      { nodeArgs: ['--expose-gc'] },
    );
    const warning = /^SignalLeakWarning: A flag for SIG(USR2|HUP) was garbage-collected/;
    expect(await child.next()).toEqual([expect.stringMatching(warning)]);
  });

  test('does not keep the process alive', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      report(sigbridge.flag('SIGUSR2').raised);
    });
    expect(await child.next()).toBe(false);
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
  });

  test('works in workers that never turn their event loops, and goes with them', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const threads = Array.from({ length: 4 }, () =>
        startThread(({ report, sigbridge }) => {
          const flag = sigbridge.flag('SIGUSR2');
          report('loops');
          while (!flag.raised);
          report(flag.count);
          for (;;);
        }),
      );
      const own = sigbridge.flag('SIGUSR2');
      for (const thread of threads) await thread.next();
      report('all loop');
      for (const thread of threads) report(await thread.next());
      for (const thread of threads) await thread.worker.terminate();
      process.kill(process.pid, 'SIGUSR2');
      report(own.count);
      own.close();
      report(sigbridge.inspect('SIGUSR2').disposition);
    });
    expect(await child.next()).toBe('all loop');
    expect(statusMasks(child.pid).caught & bits('SIGUSR2')).toBe(bits('SIGUSR2'));
    child.kill('SIGUSR2');
    for (let thread = 0; thread < 4; thread++) expect(await child.next()).toBe(1);
    expect(await child.next()).toBe(2);
    expect(await child.next()).toBe('default');
  });

  test('with bad arguments is refused, and changes nothing', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const { codesOf, stateOf } = require('./within.js') as typeof import('../../support/within');
      const before = stateOf(sigbridge);
      const bad: unknown[] = ['SIGSTOP', ['SIGHUP', 'SIGKILL'], 'SIGSEGV', [], 'HUP', 33, -1, null];
      const codes = codesOf(bad.map((signals) => () => sigbridge.flag(signals as 'SIGHUP')));
      report([codes, before === stateOf(sigbridge)]);
    });
    expect(await child.next()).toEqual([
      [
        'ERR_UNCATCHABLE',
        'ERR_UNCATCHABLE',
        'ERR_SYNCHRONOUS_SIGNAL',
        'ERR_INVALID_ARG',
        'ERR_UNKNOWN_SIGNAL',
        'ERR_RESERVED_SIGNAL',
        'ERR_UNKNOWN_SIGNAL',
        'ERR_INVALID_ARG',
      ],
      true,
    ]);
  });
});

/** Resolves when a process has used so many more ticks of 10 ms in user mode: proc_pid_stat(5). */
async function usedMore(pid: number, ticks: number): Promise<void> {
  const used = (): number => {
    const stat = fs.readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[12]);
  };
  const end = used() + ticks;
  while (used() < end) await new Promise((resolve) => setImmediate(resolve));
}
