import { describe, expect, test } from '@jest/globals';

import type { ForeignCall, RawAction } from '../../support/fixtures';
import { bits } from '../../support/kernel';
import { scenario } from '../../support/scenario';

const SIGUSR2 = 12;
const RT = 37;
const SA_ONSTACK = 0x08000000;
const SA_RESTART = 0x10000000;
const SA_NODEFER = 0x40000000;
const SA_RESETHAND = 0x80000000;

const HANDLERS = [
  { kind: 'of one argument', how: { siginfo: false } },
  { kind: 'of three arguments', how: { siginfo: true } },
  { kind: 'of three, with a mask', how: { siginfo: true, mask: [1, 10, 40] } },
  { kind: 'of one, with a mask', how: { siginfo: false, mask: [1, 10, 40], flags: SA_RESTART } },
  { kind: 'of three, SA_NODEFER', how: { siginfo: true, flags: SA_NODEFER } },
  {
    kind: 'of one, SA_NODEFER, with a mask',
    how: { siginfo: false, flags: SA_NODEFER | SA_ONSTACK, mask: [2] },
  },
];

describe.each([SIGUSR2, RT])('a C handler that stood before, for signal %i', (signo) => {
  test.each(HANDLERS)('$kind is called as by the kernel itself, and put back', async ({ how }) => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, next, args }) => {
        const { signo, how } = args;
        const foreign = fixture('foreign_a');
        const raw = fixture('raw');
        foreign.install(signo, how);
        const before = raw.current(signo);
        report();
        await next(); // one signal without us
        let heard = 0;
        const subscription = sigbridge.on(signo, () => heard++);
        const chain = sigbridge.inspect(signo).chain.map(({ owner }) => owner);
        report();
        await next(); // and one with us
        await settle();
        subscription.close();
        const after = raw.current(signo);
        await settle();
        const later = raw.current(signo);
        const { calls, history } = foreign.read(signo);
        report({ heard, chain, calls, history, before, after, later });
      },
      { args: { signo, how } },
    );
    for (let signals = 0; signals < 2; signals++) {
      await child.next();
      child.kill(signo);
      child.tell();
    }
    const seen = await child.next<Seen>();
    expect(seen).toMatchObject({ heard: 1, chain: ['sigbridge', 'native'], calls: 2 });
    expect(seen.after).toEqual(seen.before);
    expect(seen.later).toEqual(seen.before);
    const [without, withUs] = seen.history;
    expect({ ...withUs, at: 0n, tid: 0 }).toEqual({ ...without, at: 0n, tid: 0 });
    expect(withUs).toMatchObject({ arguments: how.siginfo ? 3 : 1, signo });
    const own = (how.flags ?? 0) & SA_NODEFER ? 0n : bits(signo);
    expect(withUs?.mask).toBe(bits(...(how.mask ?? [])) | own);
    if (how.siginfo) expect(withUs).toMatchObject({ code: 0, pid: process.pid });
  });
});

interface Seen {
  heard: number;
  chain: string[];
  calls: number;
  history: ForeignCall[];
  before: RawAction;
  after: RawAction;
  later: RawAction;
}

test('a value that was queued reaches the C handler and the listener alike', async () => {
  const child = await scenario(
    async ({ sigbridge, fixture, report, settle, args }) => {
      const foreign = fixture('foreign_a');
      foreign.install(args.RT, { siginfo: true });
      const heard: unknown[] = [];
      sigbridge.on(args.RT, ({ value }) => heard.push(value));
      for (const value of [7, -2_000_000_000]) sigbridge.send(process.pid, args.RT, { value });
      await settle();
      report([heard, foreign.read(args.RT).history.map(({ code, value }) => [code, value])]);
    },
    { args: { RT } },
  );
  const values = [7, -2_000_000_000];
  expect(await child.next()).toEqual([values, values.map((value) => [-1, value])]);
});

describe('SA_RESETHAND', () => {
  test('is honoured: one call, and the default after close', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const foreign = fixture('foreign_a');
        foreign.install(args.SIGUSR2, { siginfo: true, flags: args.SA_RESETHAND });
        let heard = 0;
        const subscription = sigbridge.on('SIGUSR2', () => heard++);
        for (let signals = 0; signals < 3; signals++) {
          process.kill(process.pid, 'SIGUSR2');
          await settle();
        }
        subscription.close();
        report([heard, foreign.read(args.SIGUSR2).calls, sigbridge.inspect('SIGUSR2').disposition]);
        process.kill(process.pid, 'SIGUSR2');
      },
      { args: { SIGUSR2, SA_RESETHAND } },
    );
    expect(await child.next()).toEqual([3, 1, 'default']);
    expect(await child.exit).toMatchObject({ signal: 'SIGUSR2' });
  });

  test('leaves the one call for later when no signal came', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const foreign = fixture('foreign_a');
        const raw = fixture('raw');
        foreign.install(args.SIGUSR2, { siginfo: false, flags: args.SA_RESETHAND, mask: [1] });
        const before = raw.current(args.SIGUSR2);
        sigbridge.on('SIGUSR2', () => undefined).close();
        await settle();
        report([before, raw.current(args.SIGUSR2)]);
        process.kill(process.pid, 'SIGUSR2');
        report([foreign.read(args.SIGUSR2).calls, sigbridge.inspect('SIGUSR2').disposition]);
      },
      { args: { SIGUSR2, SA_RESETHAND } },
    );
    const [before, after] = await child.next<[RawAction, RawAction]>();
    expect(after).toEqual(before);
    expect(await child.next()).toEqual([1, 'default']);
  });

  test('counts anew for a handler that is installed anew', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const foreign = fixture('foreign_a');
        for (let round = 0; round < 2; round++) {
          foreign.install(args.SIGUSR2, { siginfo: true, flags: args.SA_RESETHAND });
          const subscription = sigbridge.on('SIGUSR2', () => undefined);
          process.kill(process.pid, 'SIGUSR2');
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          subscription.close();
        }
        report(foreign.read(args.SIGUSR2).calls);
      },
      { args: { SIGUSR2, SA_RESETHAND } },
    );
    expect(await child.next()).toBe(2);
  });
});

test('errno is what it was, though a C handler spoils it', async () => {
  const child = await scenario(
    async ({ sigbridge, fixture, report, settle, args }) => {
      const chaining = fixture('chaining');
      chaining.install(args.SIGUSR2);
      const without = chaining.errnoAcross(args.SIGUSR2);
      let heard = 0;
      sigbridge.on('SIGUSR2', () => heard++);
      process.on('SIGUSR2', () => undefined);
      const withUs = chaining.errnoAcross(args.SIGUSR2);
      await settle();
      report([without, withUs, heard, chaining.count(args.SIGUSR2)]);
    },
    { args: { SIGUSR2 } },
  );
  expect(await child.next()).toEqual([false, true, 1, 2]);
});

describe('chain', () => {
  test("'none' leaves the C handler out, which is put back all the same", async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const foreign = fixture('foreign_a');
        const raw = fixture('raw');
        foreign.install(args.SIGUSR2, { siginfo: true });
        const before = raw.current(args.SIGUSR2);
        let heard = 0;
        const subscription = sigbridge.on('SIGUSR2', () => heard++, { chain: 'none' });
        process.kill(process.pid, 'SIGUSR2');
        await settle();
        report([heard, foreign.read(args.SIGUSR2).calls]);
        report(sigbridge.inspect('SIGUSR2').chain.map(({ owner }) => owner));
        subscription.close();
        report([before, raw.current(args.SIGUSR2)]);
        process.kill(process.pid, 'SIGUSR2');
        report(foreign.read(args.SIGUSR2).calls);
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.next()).toEqual([1, 0]);
    expect(await child.next()).toEqual(['sigbridge']);
    const [before, after] = await child.next<[RawAction, RawAction]>();
    expect(after).toEqual(before);
    expect(await child.next()).toBe(1);
  });

  test('one subscription that wants it is enough, as long as it lasts', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const foreign = fixture('foreign_a');
        foreign.install(args.SIGUSR2, { siginfo: true });
        const signal = async () => {
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          report(foreign.read(args.SIGUSR2).calls);
        };
        sigbridge.on('SIGUSR2', () => undefined, { chain: 'none' });
        await signal();
        const native = sigbridge.on('SIGUSR2', () => undefined, { chain: 'native' });
        await signal();
        native.close();
        await signal();
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.exit).toMatchObject({ code: 0 });
    expect(child.reports()).toEqual([0, 1, 1]);
  });
});

describe('two C libraries, one stacked upon the other', () => {
  test('that calls it: each is called once, and both are put back', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const below = fixture('foreign_a');
        const above = fixture('chaining');
        const raw = fixture('raw');
        below.install(args.SIGUSR2, { siginfo: false });
        above.install(args.SIGUSR2);
        const before = raw.current(args.SIGUSR2);
        let heard = 0;
        const subscription = sigbridge.on('SIGUSR2', () => heard++);
        process.kill(process.pid, 'SIGUSR2');
        await settle();
        report([heard, above.count(args.SIGUSR2), below.read(args.SIGUSR2).calls]);
        subscription.close();
        report([before, raw.current(args.SIGUSR2)]);
        above.uninstall(args.SIGUSR2);
        report(below.read(args.SIGUSR2).installed);
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.next()).toEqual([1, 1, 1]);
    const [before, after] = await child.next<[RawAction, RawAction]>();
    expect(after).toEqual(before);
    expect(await child.next()).toBe(true);
  });

  test('that does not: only the upper one is called, as without us', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const below = fixture('foreign_a');
        const above = fixture('foreign_b');
        below.install(args.SIGUSR2, { siginfo: true });
        above.install(args.SIGUSR2, { siginfo: true });
        let heard = 0;
        sigbridge.on('SIGUSR2', () => heard++);
        process.kill(process.pid, 'SIGUSR2');
        await settle();
        report([heard, above.read(args.SIGUSR2).calls, below.read(args.SIGUSR2).calls]);
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.next()).toEqual([1, 1, 0]);
  });
});

describe('a C handler, process.on and ours on one signal', () => {
  test('all three hear each signal once, whichever of the other two goes first', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const foreign = fixture('foreign_a');
        let [ours, theirs] = [0, 0];
        const listener = () => theirs++;
        foreign.install(args.SIGUSR2, { siginfo: true });
        const subscription = sigbridge.on('SIGUSR2', () => ours++);
        const signal = async () => {
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          report([ours, theirs, foreign.read(args.SIGUSR2).calls]);
        };
        process.on('SIGUSR2', listener);
        await signal();
        report(sigbridge.inspect('SIGUSR2').chain.map(({ owner }) => owner));
        process.off('SIGUSR2', listener);
        await signal();
        subscription.close();
        report(foreign.read(args.SIGUSR2).installed);
        await signal();
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.exit).toMatchObject({ code: 0 });
    expect(child.reports()).toEqual([
      [1, 1, 1],
      ['sigbridge', 'libuv', 'native'],
      [2, 1, 2],
      true,
      [2, 1, 3],
    ]);
  });

  test('where process.on had replaced the C handler before, it stays replaced', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const foreign = fixture('foreign_a');
        let [ours, theirs] = [0, 0];
        foreign.install(args.SIGUSR2, { siginfo: true });
        process.on('SIGUSR2', () => theirs++);
        const subscription = sigbridge.on('SIGUSR2', () => ours++);
        process.kill(process.pid, 'SIGUSR2');
        await settle();
        subscription.close();
        report([ours, theirs, foreign.read(args.SIGUSR2).calls]);
        report(sigbridge.inspect('SIGUSR2').owner);
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.next()).toEqual([1, 1, 0]);
    expect(await child.next()).toBe('libuv');
  });
});

describe('native code that installs its handler over ours', () => {
  test('is left alone by close; process.on works after that as it does without us', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const foreign = fixture('foreign_a');
        const raw = fixture('raw');
        let [ours, theirs] = [0, 0];
        const subscription = sigbridge.on('SIGUSR2', () => ours++);
        foreign.install(args.SIGUSR2, { siginfo: true, mask: [1] });
        const before = raw.current(args.SIGUSR2);
        const signal = async () => {
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          report([ours, theirs, foreign.read(args.SIGUSR2).calls]);
        };
        await signal();
        subscription.close();
        await settle();
        report([before, raw.current(args.SIGUSR2)]);
        await signal();
        const listener = () => theirs++;
        process.on('SIGUSR2', listener);
        await signal();
        process.off('SIGUSR2', listener);
        report(sigbridge.inspect('SIGUSR2').disposition);
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.next()).toEqual([0, 0, 1]);
    const [before, after] = await child.next<[RawAction, RawAction]>();
    expect(after).toEqual(before);
    expect(await child.next()).toEqual([0, 0, 2]);
    expect(await child.next()).toEqual([0, 1, 2]);
    expect(await child.next()).toBe('default');
  });

  test('and calls ours: nobody is called twice, and close takes only ours away', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const below = fixture('foreign_a');
        const above = fixture('chaining');
        let ours = 0;
        below.install(args.SIGUSR2, { siginfo: true });
        let subscription = sigbridge.on('SIGUSR2', () => ours++);
        above.install(args.SIGUSR2);
        const signal = async () => {
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          report([above.count(args.SIGUSR2), ours, below.read(args.SIGUSR2).calls]);
        };
        await signal();
        subscription.close();
        await signal();
        // Now ours stands on top of it, and behind it too.
        for (let round = 0; round < 2; round++) {
          subscription = sigbridge.on('SIGUSR2', () => ours++);
          await signal();
          subscription.close();
          await signal();
        }
        above.uninstall(args.SIGUSR2);
        await signal();
        subscription = sigbridge.on('SIGUSR2', () => ours++);
        await signal();
        subscription.close();
        report(below.read(args.SIGUSR2).installed);
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual([
      [1, 1, 1],
      [2, 1, 2],
      [3, 2, 3],
      [4, 2, 4],
      [5, 3, 5],
      [6, 3, 6],
      [6, 3, 7],
      [6, 4, 8],
      true,
    ]);
  });

  test('and calls ours: a process.on listener of before hears on after close', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const above = fixture('chaining');
        let [ours, theirs] = [0, 0];
        process.on('SIGUSR2', () => theirs++);
        const subscription = sigbridge.on('SIGUSR2', () => ours++);
        above.install(args.SIGUSR2);
        const signal = async () => {
          process.kill(process.pid, 'SIGUSR2');
          await settle();
          report([above.count(args.SIGUSR2), ours, theirs]);
        };
        await signal();
        subscription.close();
        await settle();
        await signal();
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual([
      [1, 1, 1],
      [2, 1, 2],
    ]);
  });

  test('gives way to what stood before us when it goes after our close', async () => {
    const child = await scenario(
      ({ sigbridge, fixture, report, args }) => {
        const foreign = fixture('foreign_a');
        const subscription = sigbridge.on('SIGUSR2', () => undefined);
        foreign.install(args.SIGUSR2, { siginfo: true });
        subscription.close();
        foreign.uninstall(args.SIGUSR2);
        report();
        process.kill(process.pid, 'SIGUSR2'); // through our handler, by default the end
      },
      { args: { SIGUSR2 } },
    );
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGUSR2' });
    expect(child.reports()).toHaveLength(1);
  });

  test('of a real-time signal: every thread takes it again after our close', async () => {
    const child = await scenario(
      ({ sigbridge, fixture, report, args }) => {
        const foreign = fixture('foreign_a');
        const { threads } = sigbridge.readProcess();
        const blocked = () =>
          sigbridge.readProcess().threads.filter(({ blocked }) => blocked.includes(args.name));
        const before = blocked().length;
        const subscription = sigbridge.on(args.RT, () => undefined);
        const during = blocked().length;
        foreign.install(args.RT, { siginfo: true });
        subscription.close();
        report([threads.length > 2, during > before, blocked().length - before]);
      },
      { args: { RT, name: 'SIGRTMIN+3' } },
    );
    expect(await child.next()).toEqual([true, true, 0]);
  });
});
