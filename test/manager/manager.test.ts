import { describe, expect, test } from '@jest/globals';

import { scenario } from '../support/scenario';

type ManagerModule = typeof import('sigbridge/manager');
interface Result {
  name: string;
  outcome: string;
  value?: unknown;
  error?: { message: string; code?: string };
}

describe('handlers of one arrival', () => {
  test('run by priority: equal ones side by side, lower ones after the higher', async () => {
    const child = await scenario(({ require, report, next }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const manager = createSignalManager({ ref: true });
      const gates = new Map<string, () => void>();
      const wait = (name: string) => async () => {
        report(name);
        await new Promise<void>((resolve) => gates.set(name, resolve));
        return `${name}!`;
      };
      manager.handle('SIGHUP', wait('low'), { name: 'low', priority: -1 });
      manager.handle('SIGHUP', wait('a'), { name: 'a' });
      manager.handle(['SIGHUP', 'SIGUSR2'], wait('b'), { name: 'b' });
      manager.handle('SIGHUP', wait('high'), { name: 'high', priority: 10 });
      manager.on(
        'arrival',
        (event, results) =>
          void results.then((all) => {
            report([event.signal, all]);
          }),
      );
      report('ready');
      void (async () => {
        for (;;) gates.get(await next<string>())?.();
      })();
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGHUP');
    expect(await child.next()).toBe('high');
    child.tell('high');
    expect([await child.next(), await child.next()]).toEqual(['a', 'b']);
    child.tell('b');
    child.tell('a');
    expect(await child.next()).toBe('low');
    child.tell('low');
    const [signal, results] = await child.next<[string, Result[]]>();
    expect(signal).toBe('SIGHUP');
    expect(results.map(({ name, outcome, value }) => [name, outcome, value])).toEqual([
      ['high', 'handled', 'high!'],
      ['a', 'handled', 'a!'],
      ['b', 'handled', 'b!'],
      ['low', 'handled', 'low!'],
    ]);
    expect(child.reports()).toHaveLength(6);
  });

  test('are registered and removed by others, while signals arrive', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { inspect } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ ref: true });
      const seen: string[] = [];
      const arrival = async (): Promise<string[]> => {
        const results = new Promise<string[]>((resolve) => {
          manager.once('arrival', (_event, all) => {
            void all.then((list) => {
              resolve(list.map(({ name, outcome }) => `${name} ${outcome}`));
            });
          });
        });
        process.kill(process.pid, 'SIGHUP');
        return results;
      };
      const before = inspect('SIGHUP').disposition;
      const first = manager.handle(
        'SIGHUP',
        () => {
          removed.close();
          first.close();
          manager.handle('SIGHUP', () => seen.push('added'), { name: 'added' });
        },
        { name: 'first', priority: 1 },
      );
      const removed = manager.handle('SIGHUP', () => seen.push('removed'), { name: 'removed' });
      report(await arrival());
      report(await arrival());
      // Many parts at once, with arrivals in between.
      const many = Array.from({ length: 200 }, (_, i) => {
        if (i % 20 === 0) process.kill(process.pid, 'SIGHUP');
        return manager.handle('SIGHUP', () => i, { name: `n${String(i)}` });
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      await manager.idle();
      report((await arrival()).length);
      for (const each of many) each.close();
      manager.close();
      report([seen.includes('removed'), before === inspect('SIGHUP').disposition, manager.closed]);
    });
    expect(await child.next()).toEqual(['first handled', 'removed skipped']);
    expect(await child.next()).toEqual(['added handled']);
    expect(await child.next()).toBe(201);
    expect(await child.next()).toEqual([false, true, true]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});

describe('a repeat', () => {
  test('is skipped and counted until the handler has settled, or the window is over', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, send } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ ref: true });
      const gates: (() => void)[] = [];
      const hang = () => new Promise<void>((resolve) => gates.push(resolve));
      const bySignal = manager.handle('SIGUSR2', hang, { name: 'signal', windowMs: 100 });
      const byValue = manager.handle('SIGRTMIN+5', hang, { name: 'value', dedupe: (e) => e.value });
      const every = manager.handle('SIGRTMIN+5', hang, { name: 'every', dedupe: false });
      const arrive = async (signal: string, value?: number): Promise<void> => {
        const arrived = once(signal, { ref: true });
        send(process.pid, signal, value === undefined ? {} : { value });
        await arrived;
        await new Promise((resolve) => setImmediate(resolve));
      };
      const skipped = () => [bySignal, byValue, every].map(({ counts }) => counts.skipped);
      await arrive('SIGUSR2');
      await arrive('SIGUSR2');
      for (const value of [1, 2, 1, 2, 2]) await arrive('SIGRTMIN+5', value);
      report([gates.length, skipped()]);
      for (const open of gates.splice(0)) open();
      await manager.idle();
      await arrive('SIGUSR2');
      for (const value of [1, 2]) await arrive('SIGRTMIN+5', value);
      report([gates.length, skipped()]);
      await new Promise((resolve) => setTimeout(resolve, 110));
      await arrive('SIGUSR2');
      report([gates.length, skipped()]);
      process.exit();
    });
    expect(await child.next()).toEqual([1 + 2 + 5, [1, 3, 0]]);
    expect(await child.next()).toEqual([1 + 2 + 2, [1, 3, 0]]);
    expect(await child.next()).toEqual([1 + 2 + 2 + 1, [1, 3, 0]]);
  });
});

describe('a handler', () => {
  test('that is too late is aborted, and its fallback answers', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ ref: true });
      manager.handle(
        'SIGHUP',
        (_event, { signal, name }) =>
          new Promise((_resolve, reject) => {
            const began = performance.now();
            signal.addEventListener('abort', () => {
              const ms = performance.now() - began;
              report({ name, code: (signal.reason as { code: string }).code, ms });
              setTimeout(() => {
                reject(new Error('late'));
              }, 20);
            });
          }),
        {
          name: 'slow',
          timeoutMs: 50,
          fallback: (event, error) => `${event.signal}: ${(error as Error).message}`,
        },
      );
      manager.handle('SIGHUP', () => 'next', { name: 'next', priority: -1 });
      manager.handle(
        'SIGHUP',
        () => {
          throw new Error('no luck');
        },
        {
          name: 'failing',
          priority: -2,
          fallback: () => Promise.reject(new Error('nor here')),
        },
      );
      manager.on('result', (result) => {
        report(result);
      });
      const arrived = once('SIGHUP', { ref: true });
      raise('SIGHUP');
      await arrived;
      await manager.idle();
      setTimeout(() => {
        process.exit();
      }, 50);
    });
    const aborted = await child.next<{ ms: number }>();
    expect(aborted).toMatchObject({ name: 'slow', code: 'ERR_TIMEOUT' });
    const slow = await child.next<Result & { ms: number; signal: string }>();
    expect(slow).toMatchObject({
      signal: 'SIGHUP',
      name: 'slow',
      outcome: 'timed-out',
      value: 'SIGHUP: The handler slow did not settle within 50 ms.',
      error: { code: 'ERR_TIMEOUT' },
    });
    // Not 50: a timer counts from where its turn of the event loop began.
    expect(aborted.ms).toBeGreaterThan(0);
    expect(slow.ms).toBeGreaterThanOrEqual(aborted.ms);
    expect(await child.next()).toMatchObject({ name: 'next', outcome: 'handled', value: 'next' });
    const failing = {
      name: 'AggregateError',
      message: 'The handler failing and its fallback failed.',
    };
    expect(await child.next()).toMatchObject({ outcome: 'failed', error: failing });
    // A late rejection is nobody's unhandled one.
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
  });

  test('that keeps failing is left out, until a trial goes well', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ ref: true, threshold: 3, resetMs: 100 });
      let calls = 0;
      let broken = true;
      const handler = manager.handle(
        'SIGHUP',
        () => {
          calls++;
          if (broken) throw new Error('no luck');
          return 'well';
        },
        { fallback: (_event, error) => (error as { code?: string }).code ?? 'plain' },
      );
      const arrive = async (): Promise<void> => {
        const arrived = once('SIGHUP', { ref: true });
        raise('SIGHUP');
        await arrived;
        await manager.idle();
      };
      const results: unknown[] = [];
      manager.on('result', ({ outcome, value }) => results.push([outcome, value]));
      for (let i = 0; i < 5; i++) await arrive();
      report([results.splice(0), calls, handler.circuit]);
      const reset = () => new Promise((resolve) => setTimeout(resolve, 110));
      await reset();
      await arrive();
      await arrive();
      report([results.splice(0), calls, handler.circuit]);
      broken = false;
      await reset();
      await arrive();
      await arrive();
      report([results.splice(0), calls, handler.circuit, handler.counts]);
      manager.close();
    });
    const failed = ['failed', 'plain'];
    const open = ['open', 'ERR_CIRCUIT_OPEN'];
    const handled = ['handled', 'well'];
    expect(await child.next()).toEqual([[failed, failed, failed, open, open], 3, 'open']);
    expect(await child.next()).toEqual([[failed, open], 4, 'open']);
    const counts = { handled: 2, skipped: 0, 'timed-out': 0, failed: 4, open: 3 };
    expect(await child.next()).toEqual([[handled, handled], 6, 'closed', counts]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('runs so many times at once as it may; higher priorities come first', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, send } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ ref: true });
      let running = 0;
      let most = 0;
      manager.handle(
        'SIGRTMIN+5',
        async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 5));
          running--;
        },
        { concurrency: 2, dedupe: false },
      );
      for (let value = 0; value < 10; value++) {
        const arrived = once('SIGRTMIN+5', { ref: true });
        send(process.pid, 'SIGRTMIN+5', { value });
        await arrived;
      }
      await manager.idle();
      report([most, running]);
      manager.close();
    });
    expect(await child.next()).toEqual([2, 0]);
  });
});

test('bad input is refused, and changes nothing', async () => {
  const child = await scenario(({ require, report }) => {
    const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
    const { inspect } = require('sigbridge') as typeof import('sigbridge');
    const manager = createSignalManager();
    const before = inspect('SIGHUP').owner;
    const handler = () => undefined;
    const calls: (() => unknown)[] = [
      () => createSignalManager({ timeoutMs: 0 }),
      () => createSignalManager({ concurrency: 0.5 }),
      () => manager.handle('SIGHUP', null as never),
      () => manager.handle('SIGHUP', handler, { timeoutMs: -1 }),
      () => manager.handle('SIGHUP', handler, { dedupe: 5 as never }),
      () => manager.handle('SIGHUP', handler, { priority: NaN }),
      () => manager.handle('SIGHUP', handler, { threshold: 0 }),
      () => manager.handle(['SIGHUP', 'SIGKILL'], handler),
      () => {
        manager.close();
        manager.handle('SIGHUP', handler);
      },
    ];
    for (const call of calls) {
      try {
        call();
        report('taken');
      } catch (error) {
        report((error as { code: string }).code);
      }
    }
    report(inspect('SIGHUP').owner === before);
  });
  for (let i = 0; i < 7; i++) expect(await child.next()).toBe('ERR_INVALID_ARG');
  expect([await child.next(), await child.next()]).toEqual(['ERR_UNCATCHABLE', 'ERR_CLOSED']);
  expect(await child.next()).toBe(true);
});
