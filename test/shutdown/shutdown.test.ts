import { describe, expect, test } from '@jest/globals';

import { scenario } from '../support/scenario';

const SIGRTMIN = 34;

type ShutdownModule = typeof import('sigbridge/shutdown');

describe('stages', () => {
  test('run in the order of the graph, independent ones side by side', async () => {
    const child = await scenario(({ require, report, next }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none' });
      const seen: string[] = [];
      const gates = new Map<string, () => void>();
      const task = (name: string) => async () => {
        seen.push(`+${name}`);
        await new Promise<void>((resolve) => gates.set(name, resolve));
        seen.push(`-${name}`);
      };
      shutdown.stage('db', task('db'), { after: ['http', 'queue'] });
      shutdown.stage('http', task('http'));
      shutdown.stage('queue', task('queue'));
      shutdown.stage('drain', task('drain'), { before: 'http' });
      shutdown.check();
      shutdown.on('end', ({ stages }) => {
        report({
          seen,
          later: seen.slice(4),
          stages: stages.map(({ name, outcome }) => `${name} ${outcome}`),
        });
      });
      shutdown.on('stageBegin', (name) => {
        report(name);
      });
      void (async () => {
        for (;;) gates.get(await next<string>())?.();
      })();
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGTERM');
    expect([await child.next(), await child.next()].sort()).toEqual(['drain', 'queue']);
    child.tell('queue');
    child.tell('drain');
    expect(await child.next()).toBe('http');
    child.tell('http');
    expect(await child.next()).toBe('db');
    child.tell('db');
    expect(await child.next()).toEqual({
      seen: expect.arrayContaining(['+queue', '-queue', '+drain', '-drain']) as unknown,
      later: ['+http', '-http', '+db', '-db'],
      stages: ['queue done', 'drain done', 'http done', 'db done'],
    });
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('are told what asked, and that their time is over; the rest goes on', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('context', ({ signal, event, reason }) => {
        report([signal.aborted, event?.signal, event?.pid, reason.trigger, reason.message]);
      });
      shutdown.stage('throws', () => {
        throw new Error('no luck');
      });
      shutdown.stage(
        'slow',
        ({ signal }) => {
          signal.addEventListener('abort', () => {
            report((signal.reason as Error).message);
          });
          return new Promise(() => undefined);
        },
        { timeoutMs: 50 },
      );
      shutdown.stage('rest', () => undefined, { after: ['throws', 'slow'] });
      shutdown.on('end', ({ stages }) => {
        report(stages.map(({ name, outcome, error }) => [name, outcome, String(error)]).sort());
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGHUP');
    expect(await child.next()).toEqual([false, 'SIGHUP', process.pid, 'signal', 'SIGHUP']);
    expect(await child.next()).toBe('The stage slow did not settle within 50 ms.');
    expect(await child.next()).toEqual([
      ['context', 'done', 'undefined'],
      ['rest', 'done', 'undefined'],
      ['slow', 'timed-out', 'SignalError: The stage slow did not settle within 50 ms.'],
      ['throws', 'failed', 'Error: no luck'],
    ]);
    expect(await child.exit).toMatchObject({ signal: 'SIGHUP' });
  });

  test('may fail with what fails itself when it is looked at; the rest goes on', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const fail = (): never => {
        throw new Error('looked at');
      };
      const fails = (error: unknown): never => {
        throw error;
      };
      const message = Object.defineProperty(new Error(), 'message', { get: fail });
      const proxy = new Proxy(new Error(), { getPrototypeOf: fail, get: fail });
      const number = Object.assign(new Error(), { message: 1n });
      const bad = [message, proxy, number, Object.create(null)];
      for (const progress of ['lines', 'json'] as const) {
        const shutdown = createShutdown({ progress, exit: false });
        bad.forEach((error: unknown, at) => {
          shutdown.stage(String(at), () => fails(error));
        });
        shutdown.on('end', ({ stages }) => {
          report([progress, ...stages.map(({ outcome }) => outcome)]);
        });
        void shutdown.begin();
        shutdown.close();
      }
    });
    const failed = ['failed', 'failed', 'failed', 'failed'];
    expect(await child.next()).toEqual(['lines', ...failed]);
    expect(await child.next()).toEqual(['json', ...failed]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test.each([
    ['in the stage', 'lines', '', 'process.exit(7)'],
    [
      'by a listener of another',
      'lines',
      "process.on('SIGTERM', () => setImmediate(() => process.exit(7)))",
      'new Promise(() => {})',
    ],
    ['in a program that tells of no progress', 'none', '', 'process.exit(7)'],
  ] as const)(
    'that never end, since %s somebody calls process.exit(), are named',
    async (_what, progress, before, during) => {
      const child = await scenario(
        ({ require, report, args }) => {
          const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          (0, eval)(args.before);
          const shutdown = createShutdown({ progress: args.progress });
          shutdown.stage('first', () => (0, eval)(args.during) as unknown);
          shutdown.stage('last', () => undefined, { after: 'first' });
          setInterval(() => undefined, 60_000);
          report('ready');
        },
        { args: { progress, before, during } },
      );
      expect(await child.next()).toBe('ready');
      child.kill('SIGTERM');
      const { code, stderr } = await child.exit;
      expect(code).toBe(7);
      expect(stderr).toMatch(
        /The process exits with 7, before the shutdown has ended, called at .*eval.*; not ended: first, last\n$/,
      );
    },
  );

  test('cannot wait for each other, or for what there is not', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', exit: false });
      const refused = (call: () => unknown): unknown => {
        try {
          call();
        } catch (error) {
          return error;
        }
        return null;
      };
      const order: string[] = [];
      const task = (name: string) => () => order.push(name);
      shutdown.stage('a', task('a'), { after: 'b' });
      shutdown.stage('b', task('b'), { after: 'c' });
      report(refused(() => shutdown.stage('c', task('c'), { after: 'a' })));
      report(refused(() => shutdown.stage('d', task('d'), { before: 'd' })));
      report(refused(() => shutdown.stage('a', task('a'))));
      report(
        refused(() => {
          shutdown.check();
        }),
      );
      const { problems } = await shutdown.begin();
      report([order, problems]);
      shutdown.close();
    });
    const cycle = { code: 'ERR_INVALID_ARG', name: 'SignalError' };
    expect(await child.next()).toMatchObject({
      ...cycle,
      message: "Stages would wait for each other: 'c' after 'a' after 'b' after 'c'.",
    });
    expect(await child.next()).toMatchObject({
      message: "Stages would wait for each other: 'd' after 'd'.",
    });
    expect(await child.next()).toMatchObject({
      message: "Invalid name: 'a'; expected a name that no other stage has.",
    });
    const unknown = {
      code: 'ERR_INVALID_ARG',
      message: "Invalid options.after of the stage 'b': 'c'; expected one of 'a', 'b'.",
    };
    expect(await child.next()).toMatchObject(unknown);
    expect(await child.next()).toMatchObject([['b', 'a'], [unknown]]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('that hang have their share of totalMs each, and what comes behind is never left without time', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', totalMs: 4_000 });
      shutdown.stage('hangs', () => new Promise(() => undefined));
      shutdown.stage(
        'next',
        ({ signal, leftMs, timeoutMs }) => {
          report([signal.aborted, leftMs >= 600, timeoutMs]);
        },
        { after: 'hangs' },
      );
      shutdown.stage('too long', () => new Promise((resolve) => setTimeout(resolve, 60_000)), {
        after: 'next',
      });
      shutdown.stage(
        'last',
        ({ signal }) => {
          report(signal.aborted);
        },
        { after: 'too long' },
      );
      shutdown.on('end', ({ stages, ms }) => {
        report([stages.map(({ name, outcome }) => `${name} ${outcome}`), ms >= 3_000]);
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGTERM');
    expect(await child.next()).toEqual([false, true, null]);
    expect(await child.next()).toBe(false);
    const stages = ['hangs timed-out', 'next done', 'too long timed-out', 'last done'];
    expect(await child.next()).toEqual([stages, true]);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });
});

describe('triggers', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s ends it, and is what it dies by',
    async (name) => {
      const child = await scenario(({ require, report }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('only', () => {
          report('closing');
        });
        setInterval(() => undefined, 60_000);
        report('ready');
      });
      expect(await child.next()).toBe('ready');
      child.kill(name);
      expect(await child.next()).toBe('closing');
      expect(await child.exit).toMatchObject({ code: null, signal: name, stderr: '' });
    },
  );

  test('other signals where asked for; the exit code where asked for', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', signals: ['SIGRTMIN+4'], exitCode: 7 });
      shutdown.stage('only', ({ event }) => {
        report(event?.signal);
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill(SIGRTMIN + 4);
    expect(await child.next()).toBe('SIGRTMIN+4');
    expect(await child.exit).toMatchObject({ code: 7 });
  });

  test.each([
    ['uncaughtException', 'setImmediate(() => { throw new Error("kaputt") })'],
    ['unhandledRejection', 'void Promise.reject(new Error("kaputt"))'],
  ])('%s: all stages, the error on stderr, exit code 1', async (trigger, source) => {
    const child = await scenario(
      ({ require, report, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('only', ({ reason, event }) => {
          report([reason.trigger, reason.message, event]);
        });
        setInterval(() => undefined, 60_000);
        (0, eval)(args.source);
      },
      { args: { source } },
    );
    expect(await child.next()).toEqual([trigger, 'Error: kaputt', null]);
    const { code, stderr } = await child.exit;
    expect(code).toBe(1);
    expect(stderr).toContain('Error: kaputt\n    at ');
  });

  test.each([
    [{ uncaughtException: false }, 'setImmediate(() => { throw new Error("kaputt") })'],
    [{ unhandledRejection: false }, 'void Promise.reject(new Error("kaputt"))'],
  ])('%o: as without it', async (options, source) => {
    const child = await scenario(
      ({ require, report, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        createShutdown({ progress: 'none', ...args.options }).stage('only', () => {
          report('closing');
        });
        setInterval(() => undefined, 60_000);
        (0, eval)(args.source);
      },
      { args: { options, source } },
    );
    const { code, stderr } = await child.exit;
    expect([code, child.reports()]).toEqual([1, []]);
    expect(stderr).toContain('kaputt');
  });

  test('an exception meanwhile is told, and the rest goes on', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('only', async () => {
        process.nextTick(() => {
          throw new Error('again');
        });
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
      shutdown.on('end', ({ problems, stages }) => {
        report([problems, stages[0]?.outcome]);
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGTERM');
    expect(await child.next()).toMatchObject([[{ message: 'again' }], 'done']);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test.each([
    ['', 0],
    ['Promise.reject(new Error("no luck"))', 1],
  ])('a call; with a stage that does "%s": exit code %i', async (source, code) => {
    const child = await scenario(
      async ({ require, report, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('only', () => (0, eval)(args.source) as unknown);
        setInterval(() => undefined, 60_000);
        const both = [shutdown.begin('enough'), shutdown.begin('twice')];
        const [first, second] = await Promise.all(both);
        report([first === second, first?.reason.message]);
      },
      { args: { source } },
    );
    expect(await child.next()).toEqual([true, 'enough']);
    expect(await child.exit).toMatchObject({ code });
  });

  test('what hurries when all is done hurries nobody', async () => {
    const child = await scenario(async ({ sigbridge, require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ exit: false, progress: 'lines' });
      shutdown.on('hurry', report);
      shutdown.stage('quick', () => undefined);
      await shutdown.begin();
      shutdown.hurry();
      for (let presses = 0; presses < 2; presses++) {
        const heard = sigbridge.once('SIGINT', { ref: true });
        sigbridge.raise('SIGINT');
        await heard;
      }
      report('nobody');
    });
    expect(await child.next()).toBe('nobody');
    expect((await child.exit).stderr).toMatch(/shut down in \d+ ms\n$/);
  });

  test('a repeated SIGTERM changes nothing; a second SIGINT hurries', async () => {
    const child = await scenario(({ require, report, next }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('hangs', () => {
        report('hangs');
        void next().then(() => {
          report('still');
        });
        return new Promise(() => undefined);
      });
      shutdown.stage(
        'next',
        ({ signal }) => {
          report(['next', signal.aborted]);
        },
        { after: 'hangs' },
      );
      shutdown.on('end', ({ hurried }) => {
        report(hurried);
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGINT');
    expect(await child.next()).toBe('hangs');
    child.kill('SIGTERM');
    child.kill('SIGTERM');
    child.tell('alive?');
    expect(await child.next()).toBe('still');
    child.kill('SIGINT');
    expect(await child.next()).toEqual(['next', true]);
    expect(await child.next()).toBe(true);
    expect(await child.exit).toMatchObject({ signal: 'SIGINT' });
  });
});

describe('readiness', () => {
  test('ends before anything closes, and preStopMs before that', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', preStopMs: 200 });
      const began = { at: 0 };
      shutdown.stage('only', () => {
        report(['stage', shutdown.ready, performance.now() - began.at >= 199]);
      });
      shutdown.signal.addEventListener('abort', () => {
        began.at = performance.now();
        report(['begin', shutdown.ready, (shutdown.signal.reason as Error).message]);
      });
      report(shutdown.ready);
      setInterval(() => undefined, 60_000);
    });
    expect(await child.next()).toBe(true);
    child.kill('SIGTERM');
    expect(await child.next()).toEqual(['begin', false, 'SIGTERM']);
    expect(await child.next()).toEqual(['stage', false, true]);
    await child.exit;
  });
});

describe('progress', () => {
  test('is JSON where standard error is no terminal', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown();
      shutdown.stage('good', () => undefined);
      shutdown.stage('bad', () => Promise.reject(new Error('no luck')), { after: 'good' });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGTERM');
    const { stderr } = await child.exit;
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      {
        shutdown: 'begin',
        trigger: 'signal',
        message: 'SIGTERM',
        code: 'SI_USER',
        sender: process.pid,
        stages: 2,
      },
      { shutdown: 'stage', name: 'good', outcome: 'done', ms: expect.any(Number) },
      {
        shutdown: 'stage',
        name: 'bad',
        outcome: 'failed',
        ms: expect.any(Number),
        error: 'no luck',
      },
      { shutdown: 'end', ms: expect.any(Number), hurried: false },
    ]);
  });
});

describe('bad input', () => {
  test('is refused, and changes nothing', async () => {
    const child = await scenario(({ require, report, sigbridge }) => {
      const { createShutdown, httpServer, childProcesses, pool } =
        require('sigbridge/shutdown') as ShutdownModule;
      const before = sigbridge.inspect('SIGTERM').owner;
      const bad: unknown[] = [
        { totalMs: 0 },
        { totalMs: NaN },
        { preStopMs: 10_000 },
        { exitCode: 256 },
        { signals: 'SIGKILL' },
        { signals: 'SIGNOPE' },
        { signals: 'SIGWINCH' },
        { progress: 'loud' },
        null,
      ];
      const calls = [
        ...bad.map((options) => () => createShutdown(options as object)),
        () => httpServer({} as never),
        () => childProcesses(5 as never),
        () => pool(null as never),
      ];
      for (const call of calls) {
        try {
          call();
          report('taken');
        } catch (error) {
          report((error as { code: string }).code);
        }
      }
      report(sigbridge.inspect('SIGTERM').owner === before);
    });
    const codes: unknown[] = [];
    for (let i = 0; i < 12; i++) codes.push(await child.next());
    const invalid = 'ERR_INVALID_ARG';
    expect(codes).toEqual([
      ...[invalid, invalid, invalid, invalid, 'ERR_UNCATCHABLE', 'ERR_UNKNOWN_SIGNAL'],
      ...[invalid, invalid, invalid, invalid, invalid, invalid],
    ]);
    expect(await child.next()).toBe(true);
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});
