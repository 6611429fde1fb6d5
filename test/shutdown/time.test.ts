import { describe, expect, test } from '@jest/globals';

import { readStage } from '../../lib/shutdown/options';
import { StageGraph } from '../../lib/shutdown/StageGraph';
import type { StageOptions } from '../../lib/shutdown/stage';
import { scenario } from '../support/scenario';

type ShutdownModule = typeof import('sigbridge/shutdown');

describe('the time that a stage has', () => {
  // How long each of `stages`, a row of them, may take when so much is left as it begins.
  function allowances(
    totalMs: number,
    stages: [leftMs: number, options: StageOptions][],
  ): number[] {
    const graph = new StageGraph();
    const all = stages.map(([, options], i) => {
      const after = i === 0 ? [] : [String(i - 1)];
      return readStage(String(i), () => undefined, { ...options, after }, totalMs);
    });
    for (const stage of all) graph.add(stage);
    return all.map((stage, i) => graph.allowance(stage, stages[i]?.[0] ?? 0));
  }

  test('leaves what those behind it need', () => {
    expect(allowances(10_000, [[10_000, {}]])).toEqual([10_000]);
    expect(
      allowances(10_000, [
        [10_000, {}],
        [2_000, {}],
        [1_000, {}],
      ]),
    ).toEqual([8_000, 1_000, 1_000]);
    expect(
      allowances(10_000, [
        [10_000, { timeoutMs: 20_000 }],
        [3_000, { reserveMs: 3_000, timeoutMs: 2_500 }],
      ]),
    ).toEqual([7_500, 2_500]);
  });

  test('is shared where there is not enough, and never nothing', () => {
    expect(
      allowances(10_000, [
        [8_000, { reserveMs: 4_000 }],
        [4_000, { reserveMs: 6_000 }],
        [500, { reserveMs: 6_000 }],
      ]),
    ).toEqual([2_000, 2_000, 500]);
    const row = Array.from({ length: 40 }, (): [number, StageOptions] => [10_000, {}]);
    expect(Math.min(...allowances(10_000, row))).toBe(250);
  });

  test('is not taken by there being many: a chain, layers, and side by side', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', totalMs: 20_000 });
      for (let i = 0; i < 500; i++) {
        const layer = Math.floor(i / 25);
        const above = Array.from({ length: 25 }, (_, place) => `layer ${layer - 1} ${place}`);
        const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
        shutdown.stage(`alone ${i}`, soon);
        shutdown.stage(`chain ${i}`, soon, { after: i === 0 ? [] : `chain ${i - 1}` });
        shutdown.stage(`layer ${layer} ${i % 25}`, soon, { after: layer === 0 ? [] : above });
      }
      shutdown.on('end', ({ stages, hurried }) => {
        report([stages.length, hurried]);
      });
      process.kill(process.pid, 'SIGTERM');
    });
    expect(await child.next()).toEqual([1_500, false]);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

  test('cannot be reserved beyond all there is', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', totalMs: 500 });
      for (const reserveMs of [500, 0, NaN, -1]) {
        try {
          shutdown.stage('a', () => undefined, { reserveMs });
        } catch (error) {
          report((error as Error).message);
        }
      }
      shutdown.close();
    });
    expect([
      await child.next(),
      await child.next(),
      await child.next(),
      await child.next(),
    ]).toMatchObject([
      'Invalid options.reserveMs: 500; expected less than totalMs (500).',
      expect.stringMatching(/^Invalid options.reserveMs: 0; expected milliseconds from 1 to /),
      expect.stringMatching(/^Invalid options.reserveMs: NaN; expected milliseconds from 1 to /),
      expect.stringMatching(/^Invalid options.reserveMs: -1; expected milliseconds from 1 to /),
    ]);
  });
});

describe('a stage that is added late', () => {
  test('runs at once, or after those that it comes after; what start-up has opened is closed', async () => {
    const child = await scenario(({ require, report, next }) => {
      const { createShutdown, pool } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none' });
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      shutdown.stage('http', () => {
        report('http');
        return held;
      });
      shutdown.stage(
        'logs',
        () => {
          report('logs');
        },
        { after: 'http' },
      );
      void (async () => {
        await next();
        // Start-up comes as far as this only now.
        shutdown.stage(
          'cache',
          pool({
            end: () => {
              report('cache');
            },
          }),
        );
        shutdown.stage(
          'database',
          pool({
            end: () => {
              report('database');
            },
          }),
          { after: 'http' },
        );
        shutdown.stage(
          'sockets',
          () => {
            report('sockets');
          },
          { before: ['http', 'logs'] },
        );
        release();
      })();
      shutdown.on('end', ({ stages }) => {
        report(stages.map(({ name, outcome }) => `${name} ${outcome}`));
      });
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('http');
    child.tell();
    const order = [await child.next(), await child.next(), await child.next(), await child.next()];
    expect(order).toEqual(['cache', 'sockets', 'logs', 'database']);
    expect(await child.next()).toEqual([
      'cache done',
      'sockets done',
      'http done',
      'logs done',
      'database done',
    ]);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('runs too when the process goes on after all is done, with time of its own', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', exit: false, totalMs: 100 });
      await shutdown.begin();
      await new Promise((resolve) => setTimeout(resolve, 150));
      shutdown.stage('late', ({ signal, leftMs }) => {
        report([signal.aborted, leftMs]);
      });
      shutdown.close();
    });
    expect(await child.next()).toEqual([false, 10]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});
