import { describe, expect, test } from '@jest/globals';

import { bits, statusMasks } from '../../support/kernel';
import { scenario } from '../../support/scenario';

const RT = 37; // SIGRTMIN+3
const INHERITED = ['env', '--ignore-signal=RTMIN+3', '--block-signal=RTMIN+4'];

describe('inspect', () => {
  test('names the owner of every kind of handler', async () => {
    const child = await scenario(({ sigbridge, fixture, report }) => {
      process.on('SIGWINCH', () => undefined);
      fixture('foreign_a').install(1, { siginfo: true });
      const subscription = sigbridge.on('SIGALRM', () => undefined);
      const names = ['SIGXCPU', 'SIGWINCH', 'SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGSEGV', 'SIGHUP'];
      report([...names, 'SIGALRM'].map((name) => sigbridge.inspect(name).owner));
      report(sigbridge.inspect('SIGHUP').handler?.module);
      report(sigbridge.inspect('SIGPIPE').disposition);
      subscription.close();
    });
    expect(await child.next()).toEqual([
      ...[null, 'libuv', 'runtime', 'runtime', 'runtime', 'runtime', 'native', 'sigbridge'],
    ]);
    expect(await child.next()).toMatch(/foreign_a/);
    expect(await child.next()).toBe('ignore');
    await child.exit;
  });

  test("learns libuv's handler without a trace, with all real-time signals but one in use", async () => {
    const child = await scenario(({ sigbridge, report }) => {
      for (let signal = 35; signal <= 64; signal++) sigbridge.ignore(signal);
      const shown = (): unknown => sigbridge.readProcess();
      process.on('SIGWINCH', () => undefined);
      const before = shown() as { ignored: string[]; caught: string[] };
      const owner = sigbridge.inspect('SIGWINCH').owner;
      const after = shown() as { ignored: string[]; caught: string[] };
      report([owner, before.ignored, before.caught]);
      report([owner, after.ignored, after.caught]);
    });
    const before = await child.next<unknown[]>();
    expect(before[0]).toBe('libuv');
    expect(await child.next()).toEqual(before);
    await child.exit;
  });

  test('tells what is blocked and what waits', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      sigbridge.mask.block('SIGUSR2');
      sigbridge.raise('SIGUSR2');
      const { blocked, pending } = sigbridge.inspect('SIGUSR2');
      report({ blocked, pending, all: sigbridge.pending() });
    });
    expect(await child.next()).toEqual({ blocked: true, pending: true, all: ['SIGUSR2'] });
    child.kill('SIGKILL');
  });
});

describe('what was inherited', () => {
  test('is seen, un-ignored, and gone from /proc and from children', async () => {
    const child = await scenario(
      async ({ sigbridge, report, next, require }) => {
        report(sigbridge.inherited());
        await next();
        report(sigbridge.resetIgnored());
        const { execFileSync } =
          require('node:child_process') as typeof import('node:child_process');
        report(execFileSync('grep', ['SigIgn', '/proc/self/status'], { encoding: 'utf8' }));
        await next();
      },
      { launcher: INHERITED },
    );
    expect(await child.next()).toMatchObject({
      source: 'observed',
      ignored: expect.arrayContaining(['SIGRTMIN+3', 'SIGPIPE']),
    });
    expect(statusMasks(child.pid).ignored & bits(RT)).toBe(bits(RT));
    child.tell();
    expect(await child.next()).toEqual([
      { signal: 'SIGRTMIN+3', before: 'ignore', after: 'default', changed: true },
    ]);
    expect(statusMasks(child.pid).ignored & bits(RT)).toBe(0n);
    const inChild = BigInt(`0x${(await child.next<string>()).replace('SigIgn:', '').trim()}`);
    expect(inChild & bits(RT)).toBe(0n);
    child.kill('SIGKILL');
  });

  test.each([
    ['of this process is believed', 'own', 'launcher'],
    ['of another is not', 'other', 'observed'],
  ] as const)('a record %s', async (_what, whose, source) => {
    const child = await scenario(
      ({ sigbridge, report, args }) => {
        const pid = args === 'own' ? process.pid : process.ppid;
        process.env['SIGBRIDGE_INHERITED'] = `launcher:${pid}:2:4000`;
        report(sigbridge.inherited());
      },
      { args: whose },
    );
    const seen = await child.next<{ source: string; ignored: string[]; blocked: string[] }>();
    expect(seen.source).toBe(source);
    if (whose === 'own') expect([seen.ignored, seen.blocked]).toEqual([['SIGINT'], ['SIGTERM']]);
    await child.exit;
  });
});

describe('a change', () => {
  test('reaches the program that exec starts, and restore puts back every field', async () => {
    const child = await scenario(({ sigbridge, fixture, report }) => {
      fixture('foreign_a').install(1, { siginfo: true, flags: 0x10000000, mask: [10, 12] });
      const raw = fixture('raw');
      const before = raw.current(1);
      const change = sigbridge.ignore('SIGHUP');
      report([change, raw.current(1).handler]);
      sigbridge.restore(change);
      report([before, raw.current(1)]);
      sigbridge.ignore('SIGTERM');
      sigbridge.ignore('SIGRTMIN+5');
      raw.execTo('/bin/grep', ['grep', 'SigIgn', '/proc/self/status']);
    });
    const [change, ignoring] = await child.next<[object, string]>();
    expect(change).toEqual({ signal: 'SIGHUP', before: 'handler', after: 'ignore', changed: true });
    expect(BigInt(ignoring)).toBe(1n);
    const [before, after] = await child.next<[object, object]>();
    expect(after).toEqual(before);
    const { stdout } = await child.exit;
    const ignored = BigInt(`0x${stdout.replace('SigIgn:', '').trim()}`);
    expect(ignored & bits(15, 39)).toBe(bits(15, 39));
  });

  test('that was forced on listeners is restored to them freely, and not taken from them', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const alive = setInterval(() => undefined, 1000);
      process.on('SIGHUP', () => {
        report('heard');
        clearInterval(alive);
      });
      const undo = sigbridge.restore(sigbridge.ignore('SIGHUP', { force: true }));
      report([undo.before, sigbridge.inspect('SIGHUP').owner]);
      try {
        sigbridge.restore(undo);
      } catch (error) {
        report([(error as { code: string }).code, sigbridge.inspect('SIGHUP').owner]);
      }
      process.kill(process.pid, 'SIGHUP');
    });
    expect(await child.next()).toEqual(['ignore', 'libuv']);
    expect(await child.next()).toEqual(['ERR_RUNTIME_SIGNAL', 'libuv']);
    expect(await child.next()).toBe('heard');
    await child.exit;
  });

  test('that would break the runtime, or silence a listener, is refused unless forced', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      process.on('SIGWINCH', () => undefined);
      const subscription = sigbridge.on('SIGALRM', () => undefined);
      const guarded = [
        ...['SIGCHLD', 'SIGPIPE', 'SIGXFSZ', 'SIGUSR1', 'SIGPROF'],
        ...['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP', 'SIGWINCH', 'SIGALRM'],
      ];
      const before = JSON.stringify(sigbridge.inspectAll());
      const codes = guarded.flatMap((signal) =>
        [sigbridge.reset, sigbridge.ignore].map((call) => {
          try {
            call(signal);
            return 'no error';
          } catch (error) {
            return (error as { code: string }).code;
          }
        }),
      );
      report([...new Set(codes)]);
      report(JSON.stringify(sigbridge.inspectAll()) === before);
      report(sigbridge.reset('SIGPIPE', { force: true }).after);
      subscription.close();
    });
    expect(await child.next()).toEqual(['ERR_RUNTIME_SIGNAL']);
    expect(await child.next()).toBe(true);
    expect(await child.next()).toBe('default');
    await child.exit;
  });
});
