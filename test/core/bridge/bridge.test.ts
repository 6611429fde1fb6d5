import { describe, expect, test } from '@jest/globals';

import type { NewcomerCall, RawAction } from '../../support/fixtures';
import { bits } from '../../support/kernel';
import { scenario } from '../../support/scenario';

const SIGINT = 2;
const SIGUSR2 = 12;
const SIGTERM = 15;

/** SA_RESETHAND and SA_NODEFER. */
const RESETHAND = 0x80000000;
const NODEFER = 0x40000000;

/** What is used of koffi: this thread's errno. */
interface Koffi {
  os: { errno: Record<string, number> };
  errno(value?: number): number;
}

/** The compiler's library knows no WebAssembly without the browser's. */
interface WasmGlobal {
  WebAssembly: {
    Module: new (code: Uint8Array) => object;
    Instance: new (module: object) => { exports: { read: (address: number) => number } };
    RuntimeError: new () => Error;
  };
}

interface Seen {
  events: { timestamp: bigint }[];
  calls: NewcomerCall[];
}

describe('an immediate bridge', () => {
  test.each(['native-first', 'native-last'] as const)('%s', async (order) => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, args }) => {
        const library = fixture('newcomer_a');
        library.install(12, { mask: [15] });
        const events: Seen['events'] = [];
        const subscription = sigbridge.on('SIGUSR2', ({ timestamp }) => {
          events.push({ timestamp });
        });
        const bridge = sigbridge.bridge('SIGUSR2', { order: args.order });
        report([bridge.mode, bridge.order, bridge.signal, bridge.handlers]);
        report(sigbridge.inspect('SIGUSR2').chain);
        process.kill(process.pid, 'SIGUSR2');
        await new Promise((resolve) => setImmediate(resolve));
        report({ events, calls: library.calls(12) });
        bridge.close();
        subscription.close();
        report(sigbridge.inspect('SIGUSR2'));
      },
      { args: { order } },
    );
    const handler = {
      module: expect.stringContaining('newcomer_a'),
      symbol: 'newcomer_a',
      offset: 0,
      address: expect.stringMatching(/^0x/),
    };
    expect(await child.next()).toEqual(['immediate', order, 'SIGUSR2', [handler]]);
    const chain = [{ owner: 'sigbridge' }, { owner: 'native', handler }];
    expect(await child.next()).toMatchObject(order === 'native-last' ? chain : chain.reverse());
    const { events, calls } = await child.next<Seen>();
    expect(events).toEqual([{ timestamp: expect.anything() }]);
    expect(calls).toHaveLength(1);
    const [call] = calls;
    expect(call?.mask).toBe((call?.contextMask ?? 0n) | bits(SIGUSR2, SIGTERM));
    expect(call?.contextValid).toBe(true);
    const nativeFirst = (call?.at ?? 0n) < (events[0]?.timestamp ?? 0n);
    expect(nativeFirst).toBe(order === 'native-first');
    expect(await child.next()).toMatchObject({
      owner: 'native',
      handler,
      flags: expect.arrayContaining(['SA_SIGINFO', 'SA_RESTART']),
      mask: ['SIGTERM'],
      chain: [],
    });
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('counts as a listener while it lives, and puts back what stood before', async () => {
    const child = await scenario(async ({ sigbridge, report, next }) => {
      const bridge = sigbridge.bridge('SIGTERM');
      process.kill(process.pid, 'SIGTERM');
      report([bridge.handlers, sigbridge.inspect('SIGTERM').owner]);
      bridge.close();
      bridge.close();
      report([bridge.closed, bridge.handlers, sigbridge.inspect('SIGTERM').owner]);
      await next();
    });
    expect(await child.next()).toEqual([[], 'sigbridge']);
    expect(await child.next()).toEqual([true, [], 'runtime']);
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('that wants another order than those there are is refused', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const first = sigbridge.bridge('SIGINT', { order: 'native-first' });
      const second = sigbridge.bridge('SIGINT', { order: 'native-first' });
      const refused = (options: Parameters<typeof sigbridge.bridge>[1]): unknown => {
        try {
          return sigbridge.bridge('SIGINT', options);
        } catch (error) {
          return error;
        }
      };
      report([refused({}), refused({ mode: 'deferred' })]);
      first.close();
      report(refused({}));
      second.close();
      report(sigbridge.bridge('SIGINT').order);
      report([
        refused({ mode: 'later' as never }),
        refused({ mode: 'deferred', order: 'native-first' }),
      ]);
    });
    const conflict = {
      code: 'ERR_INVALID_ARG',
      message: expect.stringContaining('SIGINT is bridged in another way'),
    };
    expect(await child.next()).toMatchObject([conflict, conflict]);
    expect(await child.next()).toMatchObject(conflict);
    expect(await child.next()).toBe('native-last');
    expect(await child.next()).toMatchObject([
      { code: 'ERR_INVALID_ARG', message: expect.stringContaining("'later'") },
      { code: 'ERR_INVALID_ARG', message: expect.stringContaining("'native-first'") },
    ]);
  });

  test('has its handlers told before it is made, and changes nothing by that', async () => {
    const child = await scenario(({ sigbridge, fixture, report }) => {
      fixture('newcomer_a').install(2);
      const before = fixture('raw').current(2);
      report(sigbridge.handlersOf('SIGINT'));
      report([fixture('raw').current(2), before]);
      process.on('SIGUSR2', () => undefined);
      report([sigbridge.handlersOf('SIGUSR2'), sigbridge.handlersOf('SIGTERM')]);
    });
    const handlers = await child.next();
    const [after, before] = await child.next<RawAction[]>();
    expect(after).toEqual(before);
    const module = expect.stringMatching(/newcomer_a\.node$/);
    const address = before?.handler;
    expect(handlers).toEqual([{ module, symbol: 'newcomer_a', offset: 0, address }]);
    expect(await child.next()).toEqual([[], []]);
  });

  test('ends with the worker that made it', async () => {
    const child = await scenario(async ({ sigbridge, require, report }) => {
      const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
      const file = JSON.stringify(require.resolve('sigbridge'));
      const worker = new Worker(`require(${file}).bridge('SIGUSR2')`, { eval: true });
      await new Promise((resolve) => worker.on('exit', resolve));
      report(sigbridge.inspect('SIGUSR2').disposition);
    });
    expect(await child.next()).toBe('default');
  });
});

describe('a deferred bridge', () => {
  test('hands on what was captured, when it is told to, on the JavaScript thread', async () => {
    const child = await scenario(
      async ({ sigbridge, fixture, require, report, next, args }) => {
        const library = fixture('newcomer_a');
        library.install(2, { mask: [15] });
        // What the kernel itself shows the handler, of the same sender.
        report();
        await next();
        const bridge = sigbridge.bridge('SIGINT', { mode: 'deferred' });
        let event: import('sigbridge').SignalEvent | undefined;
        sigbridge.on('SIGINT', (arrived) => (event = arrived));
        report();
        await next();
        while (event === undefined) await new Promise((resolve) => setImmediate(resolve));
        report(library.calls(2).length);
        fixture('raw').block([10]);
        const koffi = require('koffi') as Koffi;
        const { errno } = koffi.os;
        koffi.errno(errno['EPIPE'] ?? 0);
        bridge.forward(event);
        report([koffi.errno() === errno['EPIPE'], fixture('raw').tid(), fixture('raw').mask()]);
        report(library.calls(2));
        const refused = (call: () => void): unknown => {
          try {
            call();
            return null;
          } catch (error) {
            return error;
          }
        };
        const term = await (async () => {
          const received = sigbridge.once('SIGTERM');
          process.kill(process.pid, 'SIGTERM');
          return received;
        })();
        report([
          refused(() => {
            bridge.forward(event as never);
          }),
          refused(() => {
            bridge.forward(term);
          }),
          refused(() => {
            bridge.forward({} as never);
          }),
        ]);
        bridge.close();
        report([
          refused(() => {
            bridge.forward(event as never);
          }),
          refused(() => {
            sigbridge.bridge('SIGINT').forward(event as never);
          }),
        ]);
        report([library.calls(2).length, args]);
        process.exit();
      },
      { args: null },
    );
    await child.next();
    child.kill('SIGINT');
    child.tell();
    await child.next();
    child.kill('SIGINT');
    child.tell();
    expect(await child.next()).toBe(1);
    const [sameErrno, tid, mask] = await child.next<[boolean, number, bigint]>();
    expect(sameErrno).toBe(true);
    const [immediate, deferred] = await child.next<NewcomerCall[]>();
    expect(deferred?.info).toBe(immediate?.info);
    expect(deferred?.info).toMatch(/^02000000/);
    expect(deferred?.tid).toBe(tid);
    expect(deferred?.contextValid).toBe(true);
    // SIGUSR1 is what the thread itself blocked.
    expect(deferred?.contextMask).toBe(mask);
    expect(deferred?.mask).toBe(mask | bits(SIGINT, SIGTERM));
    expect(mask & bits('SIGUSR1')).not.toBe(0n);
    const invalid = (part: string) => ({
      code: 'ERR_INVALID_ARG',
      message: expect.stringContaining(part),
    });
    expect(await child.next()).toMatchObject([
      invalid('has not been forwarded before'),
      invalid("'SIGTERM'; expected an event of SIGINT"),
      invalid('a SignalEvent'),
    ]);
    expect(await child.next()).toMatchObject([{ code: 'ERR_CLOSED' }, invalid('is immediate')]);
    expect(await child.next()).toEqual([2, null]);
  });

  test.each([
    ['SA_RESETHAND', RESETHAND, 1, true],
    ['SA_NODEFER', NODEFER, 2, false],
  ])('honours %s', async (_name, flags, called, defers) => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, args }) => {
        const library = fixture('newcomer_a');
        library.install(2, { flags: args.flags });
        const bridge = sigbridge.bridge('SIGINT', { mode: 'deferred' });
        for (let i = 0; i < 2; i++) {
          const received = sigbridge.once('SIGINT');
          process.kill(process.pid, 'SIGINT');
          bridge.forward(await received);
        }
        report(library.calls(2).map(({ mask, contextMask }) => mask & ~contextMask));
        bridge.close();
        report(sigbridge.inspect('SIGINT').disposition);
      },
      { args: { flags } },
    );
    const masks = await child.next<bigint[]>();
    expect(masks).toEqual(Array<bigint>(called).fill(defers ? bits(SIGINT) : 0n));
    // A one-shot handler that has had its one call is not put back.
    expect(await child.next()).toBe(called === 1 ? 'default' : 'handler');
  });

  test('of a fault signal is refused, and so is one of SIGKILL', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      for (const signal of ['SIGSEGV', 'SIGKILL']) {
        try {
          sigbridge.bridge(signal, { mode: 'deferred' });
        } catch (error) {
          report([error, sigbridge.inspect(signal).chain]);
        }
      }
    });
    expect(await child.next()).toMatchObject([{ code: 'ERR_SYNCHRONOUS_SIGNAL' }, []]);
    expect(await child.next()).toMatchObject([{ code: 'ERR_UNCATCHABLE' }, []]);
  });
});

// As crash reporters, profilers and exceptions do that are thrown out of a handler.
describe('a handler that unwinds the stack', () => {
  test.each(['below', 'over'])('%s ours finds what the signal has interrupted', async (where) => {
    const child = await scenario(
      async ({ sigbridge, fixture, report, settle, args }) => {
        const SIGNALS = [12, 11];
        const library = fixture('unwind');
        const install = (): void => {
          for (const signal of SIGNALS) library.install(signal);
        };
        if (args === 'below') install();
        const open = [
          sigbridge.on(12, () => undefined),
          ...SIGNALS.map((one) => sigbridge.bridge(one)),
        ];
        if (args === 'over') install();
        sigbridge.reclaim();
        report(SIGNALS.map((signal) => library.send(signal)));
        for (const one of open) one.close();
        await settle();
        report(SIGNALS.map((signal) => library.send(signal)));
      },
      { args: where },
    );
    expect(await child.next()).toEqual([1, 1]);
    expect(await child.next()).toEqual([1, 1]);
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a bridge of a fault signal', () => {
  test('leaves WebAssembly its bounds checks', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const { flags, mask, handler } = sigbridge.inspect('SIGSEGV');
      const bridge = sigbridge.bridge('SIGSEGV');
      report([sigbridge.inspect('SIGSEGV').chain.map(({ owner }) => owner), bridge.handlers]);
      // (memory 1) (func (export "read") (param i32) (result i32) local.get 0 i32.load)
      const code = Uint8Array.from(
        Buffer.from(
          '0061736d0100000001060160017f017f0302010005030100010708010472656164' +
            '00000a0901070020002802000b',
          'hex',
        ),
      );
      const { WebAssembly } = globalThis as unknown as WasmGlobal;
      const { read } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
      report(read(0));
      for (let i = 0; i < 3; i++) {
        try {
          read(1 << 30);
        } catch (error) {
          report([error instanceof WebAssembly.RuntimeError, (error as Error).message]);
        }
      }
      bridge.close();
      const after = sigbridge.inspect('SIGSEGV');
      report([
        [after.flags, after.mask, after.handler],
        [flags, mask, handler],
      ]);
    });
    const [owners, handlers] = await child.next<[string[], { symbol: string }[]]>();
    expect(owners).toEqual(['sigbridge', 'runtime']);
    expect(handlers[0]?.symbol).toContain('TrapWebAssembly');
    expect(await child.next()).toBe(0);
    for (let i = 0; i < 3; i++) {
      expect(await child.next()).toEqual([true, 'memory access out of bounds']);
    }
    const [after, before] = await child.next<[unknown, unknown]>();
    expect(after).toEqual(before);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('still ends the process where nobody handles the fault', async () => {
    const child = await scenario(({ sigbridge, fixture }) => {
      sigbridge.bridge('SIGSEGV');
      sigbridge.bridge('SIGFPE');
      fixture('newcomer_a').fault();
    });
    expect(await child.exit).toMatchObject({ signal: 'SIGSEGV' });
  });

  test('lets a handler jump away, again and again', async () => {
    const child = await scenario(({ sigbridge, fixture, report }) => {
      const library = fixture('newcomer_a');
      library.install(11);
      sigbridge.bridge('SIGSEGV');
      report([library.fault(), library.fault(), library.fault()]);
      report(library.calls(11).length);
    });
    expect(await child.next()).toEqual([1, 1, 1]);
    expect(await child.next()).toBe(3);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('refuses a JavaScript listener all the same', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      sigbridge.bridge('SIGSEGV');
      try {
        sigbridge.on('SIGSEGV', () => undefined);
      } catch (error) {
        report(error);
      }
    });
    expect(await child.next()).toMatchObject({ code: 'ERR_SYNCHRONOUS_SIGNAL' });
  });
});
