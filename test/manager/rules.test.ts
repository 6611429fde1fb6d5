import { describe, expect, test } from '@jest/globals';

import { type Scenario, scenario } from '../support/scenario';

type ManagerModule = typeof import('sigbridge/manager');

/** What a scenario here needs of the result of an arrival: `name outcome`. */
type Answers = string[];

async function ends(child: Scenario): Promise<void> {
  expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
}

describe('a key', () => {
  test('is the signal, and each handler has its own', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ ref: true });
      const running: string[] = [];
      const hang = (name: string) => (event: { signal: string }) => {
        running.push(`${name} ${event.signal}`);
        return new Promise(() => undefined);
      };
      manager.handle(['SIGHUP', 'SIGUSR2'], hang('one'), { priority: 1, timeoutMs: 1 });
      manager.handle(['SIGHUP', 'SIGUSR2'], hang('two'), { timeoutMs: 1 });
      for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGHUP'] as const) {
        const arrived = once(signal, { ref: true });
        raise(signal);
        await arrived;
        await manager.idle();
      }
      report(running);
      manager.close();
    });
    expect(await child.next()).toEqual(['one SIGHUP', 'two SIGHUP', 'one SIGUSR2', 'two SIGUSR2']);
    await ends(child);
  });

  test('is free when the handler has settled, not when it was answered as too late', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ ref: true });
      let settle = (): void => undefined;
      const { counts } = manager.handle(
        'SIGHUP',
        () => new Promise<void>((resolve) => (settle = resolve)),
        { timeoutMs: 10 },
      );
      const arrive = async (): Promise<void> => {
        const arrived = once('SIGHUP', { ref: true });
        raise('SIGHUP');
        await arrived;
        await manager.idle();
        report({ ...counts });
      };
      await arrive();
      await arrive();
      settle();
      await arrive();
      manager.close();
    });
    const counts = { handled: 0, skipped: 0, 'timed-out': 1, failed: 0, open: 0 };
    expect(await child.next()).toEqual(counts);
    expect(await child.next()).toEqual({ ...counts, skipped: 1 });
    expect(await child.next()).toEqual({ ...counts, skipped: 1, 'timed-out': 2 });
    await ends(child);
  });

  test('of undefined makes no repeat, and a function that throws is a failure', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ ref: true });
      const hang = () => new Promise(() => undefined);
      manager.handle('SIGHUP', hang, { name: 'any', timeoutMs: 1, dedupe: () => undefined });
      manager.handle('SIGHUP', hang, {
        name: 'bad',
        dedupe: () => {
          throw new Error('no key');
        },
        fallback: (_event, error) => (error as Error).message,
      });
      manager.on('result', ({ name, outcome, value }) => {
        report([name, outcome, value]);
      });
      for (let i = 0; i < 2; i++) {
        const arrived = once('SIGHUP', { ref: true });
        raise('SIGHUP');
        await arrived;
        await manager.idle();
      }
      manager.close();
    });
    for (let i = 0; i < 2; i++) {
      expect(await child.next()).toEqual(['bad', 'failed', 'no key']);
      expect(await child.next()).toEqual(['any', 'timed-out', null]);
    }
    await ends(child);
  });
});

describe('where nothing else is said', () => {
  test('a key is kept for 5 minutes; then it is not the late one who frees it', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      // Time goes by at a word.
      const now = performance.now.bind(performance);
      let shift = 0;
      performance.now = () => now() + shift;
      const manager = createSignalManager({ ref: true });
      const settle: (() => void)[] = [];
      const { counts } = manager.handle(
        'SIGHUP',
        () => new Promise<void>((resolve) => settle.push(resolve)),
        { timeoutMs: 1 },
      );
      const arriveAfter = async (ms: number): Promise<void> => {
        shift += ms;
        // The window reads the clock once in a millisecond.
        await new Promise((resolve) => setTimeout(resolve, 5));
        const arrived = once('SIGHUP', { ref: true });
        raise('SIGHUP');
        await arrived;
        await manager.idle();
        report([settle.length, counts.skipped]);
      };
      await arriveAfter(0);
      await arriveAfter(5 * 60_000 - 5_000);
      await arriveAfter(5_000);
      settle[0]?.();
      await arriveAfter(0);
      settle[1]?.();
      await arriveAfter(0);
      manager.close();
    });
    expect(await child.next()).toEqual([1, 0]);
    expect(await child.next()).toEqual([1, 1]);
    expect(await child.next()).toEqual([2, 1]);
    expect(await child.next()).toEqual([2, 2]);
    expect(await child.next()).toEqual([3, 2]);
    await ends(child);
  });

  test('a handler has 2 s; after 5 failures in a row it rests for 30 s', async () => {
    const child = await scenario(
      async ({ require, report }) => {
        const { mock } = require('node:test') as typeof import('node:test');
        const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
        const { once, raise } = require('sigbridge') as typeof import('sigbridge');
        const manager = createSignalManager();
        const arrived = once('SIGHUP', { ref: true });
        raise('SIGHUP');
        const event = await arrived;
        const turns = () => new Promise((resolve) => setImmediate(resolve));
        mock.timers.enable({ apis: ['setTimeout', 'Date'] });
        let aborted = false;
        const hanging = manager.handle('SIGHUP', (_event, { signal }) => {
          signal.addEventListener('abort', () => (aborted = true));
          return new Promise(() => undefined);
        });
        const answers = manager.dispatch(event);
        await turns();
        mock.timers.tick(1_999);
        report(aborted);
        mock.timers.tick(1);
        report(aborted);
        report((await answers)[0]?.outcome);
        hanging.close();

        const failing = manager.handle('SIGHUP', () => {
          throw new Error('no luck');
        });
        const states: unknown[] = [];
        for (let i = 0; i < 5; i++) {
          await manager.dispatch(event);
          states.push(failing.circuit);
        }
        report(states);
        mock.timers.tick(29_999);
        report((await manager.dispatch(event))[0]?.outcome);
        mock.timers.tick(1);
        report((await manager.dispatch(event))[0]?.outcome);
      },
      { nodeArgs: ['--no-warnings'] },
    );
    expect(await child.next()).toBe(false);
    expect(await child.next()).toBe(true);
    expect(await child.next()).toBe('timed-out');
    expect(await child.next()).toEqual(['closed', 'closed', 'closed', 'closed', 'open']);
    expect(await child.next()).toBe('open');
    expect(await child.next()).toBe('failed');
    await ends(child);
  });

  test('the event loop is not kept alive', async () => {
    const child = await scenario(({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      createSignalManager().handle('SIGHUP', () => undefined);
      report('ends by itself');
    });
    expect(await child.next()).toBe('ends by itself');
    await ends(child);
  });
});

describe('the circuit', () => {
  test('opens after failures in a row alone, timeouts included', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ threshold: 2 });
      const arrived = once('SIGHUP', { ref: true });
      raise('SIGHUP');
      const event = await arrived;
      const luck = [false, true, false, true];
      const lucky = manager.handle('SIGHUP', () => {
        if (luck.shift() === false) throw new Error('no luck');
      });
      for (let i = 0; i < 4; i++) await manager.dispatch(event);
      report([lucky.circuit, lucky.counts.failed]);
      lucky.close();
      const late = manager.handle('SIGHUP', () => new Promise(() => undefined), {
        timeoutMs: 5,
        dedupe: false,
      });
      for (let i = 0; i < 3; i++) await manager.dispatch(event);
      report([late.circuit, late.counts['timed-out'], late.counts.open]);
    });
    expect(await child.next()).toEqual(['closed', 2]);
    expect(await child.next()).toEqual(['open', 2, 1]);
    await ends(child);
  });

  test('lets one trial through, and those that waited not at all', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ threshold: 1, resetMs: 20 });
      const arrived = once('SIGHUP', { ref: true });
      raise('SIGHUP');
      const event = await arrived;
      let calls = 0;
      let settle = (): void => undefined;
      const handler = manager.handle(
        'SIGHUP',
        () => {
          calls++;
          if (calls === 1) throw new Error('no luck');
          return new Promise<void>((resolve) => (settle = resolve));
        },
        { dedupe: false, concurrency: 1 },
      );
      const outcomes = (all: { outcome: string }[][]) => all.map(([one]) => one?.outcome);
      const three = () => [1, 2, 3].map(() => manager.dispatch(event));
      report([outcomes(await Promise.all(three())), calls, handler.circuit]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      const [trial, ...others] = three();
      report([outcomes(await Promise.all(others)), calls, handler.circuit]);
      settle();
      report([outcomes([(await trial) ?? []]), calls, handler.circuit]);
    });
    expect(await child.next()).toEqual([['failed', 'open', 'open'], 1, 'open']);
    expect(await child.next()).toEqual([['open', 'open'], 2, 'half-open']);
    expect(await child.next()).toEqual([['handled'], 2, 'closed']);
    await ends(child);
  });
});

test('a fallback has no more time than its handler', async () => {
  const child = await scenario(async ({ require, report }) => {
    const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
    const { once, raise } = require('sigbridge') as typeof import('sigbridge');
    const manager = createSignalManager();
    const arrived = once('SIGHUP', { ref: true });
    raise('SIGHUP');
    const event = await arrived;
    const failing = () => {
      throw new Error('no luck');
    };
    manager.handle('SIGHUP', failing, {
      name: 'hopeless',
      timeoutMs: 10,
      fallback: () => new Promise(() => undefined),
    });
    const [result] = await manager.dispatch(event);
    report([result?.outcome, result?.value, (result?.error as AggregateError).errors.length]);
  });
  expect(await child.next()).toEqual(['failed', null, 2]);
  await ends(child);
});

describe('a place among all handlers', () => {
  test('goes to the highest priority; the wait for it is no time of the handler', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ concurrency: 1 });
      const events = [];
      for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGALRM'] as const) {
        const arrived = once(signal, { ref: true });
        raise(signal);
        events.push(await arrived);
      }
      const order: string[] = [];
      let settle = (): void => undefined;
      manager.handle('SIGHUP', () => new Promise<void>((resolve) => (settle = resolve)));
      manager.handle('SIGUSR2', () => order.push('low'), { timeoutMs: 100 });
      manager.handle('SIGALRM', () => order.push('high'), { timeoutMs: 100, priority: 1 });
      const answers = events.map((event) => manager.dispatch(event));
      await new Promise((resolve) => setTimeout(resolve, 150));
      report([...order]);
      settle();
      const results = (await Promise.all(answers)).flat();
      report(order);
      report(results.map(({ outcome, ms }) => [outcome, ms < 100]));
    });
    expect(await child.next()).toEqual([]);
    expect(await child.next()).toEqual(['high', 'low']);
    const quick = ['handled', true];
    expect(await child.next()).toEqual([['handled', false], quick, quick]);
    await ends(child);
  });

  test('is not taken by a handler that was closed while it waited', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createSignalManager } = require('sigbridge/manager') as ManagerModule;
      const { once, raise } = require('sigbridge') as typeof import('sigbridge');
      const manager = createSignalManager({ concurrency: 1 });
      const arrived = once('SIGHUP', { ref: true });
      raise('SIGHUP');
      const event = await arrived;
      let settle = (): void => undefined;
      let called = false;
      manager.handle('SIGHUP', () => new Promise<void>((resolve) => (settle = resolve)), {
        name: 'first',
      });
      const waiting = manager.handle('SIGHUP', () => (called = true), { name: 'waiting' });
      const answers = manager.dispatch(event);
      await new Promise((resolve) => setImmediate(resolve));
      waiting.close();
      settle();
      report((await answers).map(({ name, outcome }) => `${name} ${outcome}`));
      report([called, waiting.counts.skipped, waiting.counts.handled]);
    });
    expect(await child.next<Answers>()).toEqual(['first handled', 'waiting skipped']);
    expect(await child.next()).toEqual([false, 1, 0]);
    await ends(child);
  });
});
