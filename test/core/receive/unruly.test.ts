import { describe, expect, test } from '@jest/globals';

import { scenario } from '../../support/scenario';

const TIMES = 5;

describe.each(['below', 'over'] as const)('a C handler %s ours', (place) => {
  test('that jumps is called each time, and JavaScript hears each time', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args: [where, times] }) => {
        const library = fixture('unruly');
        if (where === 'below') library.install(12, 'jump');
        let heard = 0;
        sigbridge.on('SIGUSR2', () => heard++);
        if (where === 'over') library.install(12, 'jump');
        sigbridge.reclaim();
        let jumps = 0;
        for (let i = 0; i < times; i++) {
          if (library.raise(12)) jumps++;
          await settle();
        }
        report([library.calls(), jumps, heard]);
      },
      { args: [place, TIMES] as const },
    );
    expect(await child.next()).toEqual([TIMES, TIMES, TIMES]);
  });

  test('that ends its thread is called in each thread, and JavaScript hears each', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args: [where, times] }) => {
        const library = fixture('unruly');
        if (where === 'below') library.install(12, 'end-thread');
        let heard = 0;
        sigbridge.on('SIGUSR2', () => heard++);
        if (where === 'over') library.install(12, 'end-thread');
        sigbridge.reclaim();
        let ended = 0;
        for (let i = 0; i < times; i++) {
          if (library.raiseInThread(12)) ended++;
          await settle();
        }
        report([library.calls(), ended, heard]);
      },
      { args: [place, TIMES] as const },
    );
    expect(await child.next()).toEqual([TIMES, TIMES, TIMES]);
  });

  test('that raises its own signal is called, and heard, as often', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args: where }) => {
        const library = fixture('unruly');
        if (where === 'below') library.install(12, 'raise-again');
        let heard = 0;
        sigbridge.on('SIGUSR2', ({ coalesced }) => (heard += 1 + coalesced));
        if (where === 'over') library.install(12, 'raise-again');
        sigbridge.reclaim();
        library.raise(12, 2);
        await settle();
        report([library.calls(), heard]);
      },
      { args: place },
    );
    expect(await child.next()).toEqual([3, 3]);
  });

  test('of a fault jumps as often as it is needed', async () => {
    const child = await scenario(
      ({ sigbridge, fixture, report, args: [where, times] }) => {
        const library = fixture('unruly');
        if (where === 'below') library.install(11, 'jump');
        sigbridge.bridge('SIGSEGV');
        if (where === 'over') library.install(11, 'jump');
        sigbridge.reclaim();
        let jumps = 0;
        for (let i = 0; i < times; i++) if (library.fault()) jumps++;
        report([library.calls(), jumps]);
      },
      { args: [place, TIMES] as const },
    );
    expect(await child.next()).toEqual([TIMES, TIMES]);
  });

  test('that asks for no alternate stack does not run on one', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args: where }) => {
        const library = fixture('unruly');
        if (where === 'below') library.install(12, 'look-at-stack');
        let heard = 0;
        sigbridge.on('SIGUSR2', () => heard++);
        if (where === 'over') library.install(12, 'look-at-stack');
        sigbridge.reclaim();
        const alternate = library.raiseBesideStack(12);
        await settle();
        report([library.calls(), alternate, heard]);
      },
      { args: place },
    );
    expect(await child.next()).toEqual([1, 0, 1]);
  });
});

test('a handler that arms itself again stays in the chain: on and process.on hear each signal', async () => {
  const child = await scenario(
    async ({ sigbridge, fixture, report, settle, args: times }) => {
      const library = fixture('unruly');
      library.install(12, 'arm-again');
      const heard = { on: 0, processOn: 0 };
      sigbridge.on('SIGUSR2', () => heard.on++);
      process.on('SIGUSR2', () => heard.processOn++);
      for (let i = 0; i < times; i++) {
        library.raise(12);
        await settle();
      }
      report([library.calls(), heard, sigbridge.displaced()]);
    },
    { args: TIMES },
  );
  expect(await child.next()).toEqual([TIMES, { on: TIMES, processOn: TIMES }, []]);
});

test("a library that calls the runtime's handler which it found: each SIGINT is heard once", async () => {
  const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
    const library = fixture('unruly');
    library.install(2, 'call-found');
    let heard = 0;
    sigbridge.on('SIGINT', ({ coalesced }) => (heard += 1 + coalesced));
    for (let i = 1; i <= 3; i++) {
      process.kill(process.pid, 'SIGINT');
      await settle();
      report([library.calls(), heard]);
    }
  });
  expect(await child.next()).toEqual([1, 1]);
  expect(await child.next()).toEqual([2, 2]);
  expect(await child.next()).toEqual([3, 3]);
});

test("what comes to a vfork child takes the child's action, and no listener of the parent hears it", async () => {
  const child = await scenario(async ({ sigbridge, fixture, report, settle }) => {
    const library = fixture('unruly');
    let heard = 0;
    sigbridge.on('SIGUSR2', () => heard++);
    const status = library.raiseInVfork(12);
    await settle();
    report([status, heard]);
    process.kill(process.pid, 'SIGUSR2');
    await settle();
    report(heard);
  });
  expect(await child.next()).toEqual([12, 0]);
  expect(await child.next()).toBe(1);
});

// Whatever was interrupted: native code of ours, the allocator, V8's garbage collector.
describe('a C handler that forks, by the function for handlers', () => {
  const FORKS = 300;

  test.each(['without ours', 'below ours', 'over ours'] as const)(
    '%s: nothing hangs, and no listener of the parent hears of its children',
    async (place) => {
      const child = await scenario(
        async ({ sigbridge, fixture, report, settle, args: { place, times } }) => {
          const library = fixture('unruly');
          let hangups = 0;
          if (place !== 'without ours') sigbridge.on('SIGHUP', () => hangups++);
          if (place !== 'over ours') library.install(12, 'fork');
          let heard = 0;
          const hear = ({ coalesced }: { coalesced: number }) => (heard += 1 + coalesced);
          if (place !== 'without ours') sigbridge.on('SIGUSR2', hear);
          if (place === 'over ours') library.install(12, 'fork');
          if (place !== 'without ours') sigbridge.reclaim();
          library.pester(12, times);
          let made: unknown[] = [];
          while (library.isPestering()) {
            if (place !== 'without ours') {
              sigbridge.on(['SIGUSR2', 'SIGALRM'], () => undefined).close();
              sigbridge.hold('SIGCONT').release();
            }
            made.push(new Array(1000).fill({}), Buffer.alloc(5000));
            if (made.length > 1000) made = [];
            await settle();
          }
          await settle();
          report([library.calls(), library.ended(), hangups]);
          report(heard);
        },
        { args: { place, times: FORKS } },
      );
      expect(await child.next()).toEqual([FORKS, FORKS, 0]);
      expect(await child.next()).toBe(place === 'without ours' ? 0 : FORKS);
    },
  );
});
