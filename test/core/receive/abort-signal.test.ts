import { describe, expect, test } from '@jest/globals';

import { scenario } from '../../support/scenario';

const RT = 37;

describe('an abort signal', () => {
  test('is aborted by the first arrival, and says by which', async () => {
    const child = await scenario(
      async ({ sigbridge, report, require, args }) => {
        const { sendSelf } = require('./within.js') as typeof import('../../support/within');
        const signal = sigbridge.abortSignal(['SIGHUP', args.rt]);
        report([signal instanceof AbortSignal, signal.aborted]);
        sendSelf(sigbridge, args.rt, 5);
        sendSelf(sigbridge, args.rt, 6);
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
        const reason = signal.reason as InstanceType<typeof sigbridge.SignalAbortError>;
        report([reason instanceof sigbridge.SignalAbortError, reason instanceof Error]);
        report([reason.name, reason.code, reason.message, reason.signal]);
        report([reason.event.signal, reason.event.value, reason.event.pid === process.pid]);
        report(['SIGHUP', args.rt].map((name) => sigbridge.inspect(name).disposition));
      },
      { args: { rt: RT } },
    );
    expect(await child.next()).toEqual([true, false]);
    expect(await child.next()).toEqual([true, true]);
    expect(await child.next()).toEqual([
      'AbortError',
      'ABORT_ERR',
      'Aborted by SIGRTMIN+3',
      'SIGRTMIN+3',
    ]);
    expect(await child.next()).toEqual(['SIGRTMIN+3', 5, true]);
    expect(await child.next()).toEqual(['default', 'default']);
  });

  test('lets the second signal do what it does without it', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      const signal = sigbridge.abortSignal('SIGTERM');
      signal.addEventListener('abort', () => {
        report('aborted');
      });
      await new Promise((resolve) => setTimeout(resolve, 1e6));
    });
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
    expect(child.reports()).toEqual([]);

    const other = await scenario(async ({ sigbridge, report }) => {
      const signal = sigbridge.abortSignal('SIGTERM');
      signal.addEventListener('abort', () => {
        report('aborted');
      });
      report('ready');
      await new Promise((resolve) => setTimeout(resolve, 1e6));
    });
    expect(await other.next()).toBe('ready');
    other.kill('SIGTERM');
    expect(await other.next()).toBe('aborted');
    other.kill('SIGTERM');
    expect(await other.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('ends a fetch', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { createServer } = require('node:http') as typeof import('node:http');
      // Begins its answer, and never ends it.
      const server = createServer((_request, response) => {
        response.write('begun');
        report('asked');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const signal = sigbridge.abortSignal('SIGUSR2');
      try {
        await (await fetch(`http://127.0.0.1:${String(port)}`, { signal })).text();
      } catch (error) {
        report([error === signal.reason, (error as Error).name]);
      }
      server.closeAllConnections();
      server.close();
    });
    expect(await child.next()).toBe('asked');
    child.kill('SIGUSR2');
    expect(await child.next()).toEqual([true, 'AbortError']);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('ends a timer, and the wait for an event', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const timers = require('node:timers/promises') as typeof import('node:timers/promises');
      const events = require('node:events') as typeof import('node:events');
      const signal = sigbridge.abortSignal('SIGUSR2');
      const failures = [
        timers.setTimeout(1e6, undefined, { signal }),
        events.once(new events.EventEmitter(), 'never', { signal }),
      ].map(async (promise) => {
        await promise.catch((error: unknown) => {
          const { name, cause } = error as Error;
          report([name, cause === signal.reason]);
        });
      });
      report('waits');
      await Promise.all(failures);
    });
    expect(await child.next()).toBe('waits');
    child.kill('SIGUSR2');
    expect(await child.next()).toEqual(['AbortError', true]);
    expect(await child.next()).toEqual(['AbortError', true]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('composes with AbortSignal.any', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      const signal = sigbridge.abortSignal('SIGUSR2');
      const other = new AbortController();
      const any = AbortSignal.any([signal, other.signal, AbortSignal.timeout(1e6)]);
      process.kill(process.pid, 'SIGUSR2');
      await new Promise((resolve) => {
        any.addEventListener('abort', resolve);
      });
      report([any.reason === signal.reason, (any.reason as { signal: string }).signal]);
    });
    expect(await child.next()).toEqual([true, 'SIGUSR2']);
  });

  test('ends with the abort signal that it was given', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const controller = new AbortController();
      const signal = sigbridge.abortSignal('SIGHUP', { signal: controller.signal });
      const before = sigbridge.inspect('SIGHUP').disposition;
      controller.abort(new RangeError('enough'));
      report([before, signal.aborted, sigbridge.inspect('SIGHUP').disposition]);
      report(signal.reason);
      const late = sigbridge.abortSignal('SIGHUP', { signal: controller.signal });
      report([late.aborted, late.reason === signal.reason]);
      report(sigbridge.inspect('SIGHUP').disposition);
    });
    expect(await child.next()).toEqual(['handler', true, 'default']);
    expect(await child.next()).toMatchObject({ name: 'RangeError', message: 'enough' });
    expect(await child.next()).toEqual([true, true]);
    expect(await child.next()).toBe('default');
  });

  test('that was aborted by a signal leaves the given one alone', async () => {
    const child = await scenario(async ({ sigbridge, report }) => {
      const controller = new AbortController();
      const signal = sigbridge.abortSignal('SIGUSR2', { signal: controller.signal });
      process.kill(process.pid, 'SIGUSR2');
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      const { reason } = signal as { reason: unknown };
      controller.abort();
      report([reason === signal.reason, (reason as Error).message]);
    });
    expect(await child.next()).toEqual([true, 'Aborted by SIGUSR2']);
  });

  test('works in a worker, and does not keep it or the process alive', async () => {
    const child = await scenario(async ({ report, require }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const thread = startThread(async ({ report, next, sigbridge }) => {
        const signal = sigbridge.abortSignal('SIGUSR2');
        signal.addEventListener('abort', () => {
          report((signal.reason as Error).message);
        });
        report('ready');
        await next();
      });
      report(await thread.next());
      report(await thread.next());
      await thread.worker.terminate();
      const idle = startThread(({ sigbridge }) => sigbridge.abortSignal('SIGUSR2').aborted);
      report(await idle.ended);
    });
    expect(await child.next()).toBe('ready');
    child.kill('SIGUSR2');
    expect(await child.next()).toBe('Aborted by SIGUSR2');
    expect(await child.next()).toBe(0);
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('with bad arguments is refused, and changes nothing', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const { codesOf, stateOf } = require('./within.js') as typeof import('../../support/within');
      const before = stateOf(sigbridge);
      const signal = AbortSignal.abort();
      const codes = codesOf([
        () => sigbridge.abortSignal('SIGKILL'),
        () => sigbridge.abortSignal(['SIGHUP', 'SIGILL']),
        () => sigbridge.abortSignal([]),
        () => sigbridge.abortSignal('HUP'),
        () => sigbridge.abortSignal('SIGHUP', { signal: {} as never }),
        () => sigbridge.abortSignal('SIGHUP', 1 as never),
        () => sigbridge.abortSignal('HUP', { signal }),
      ]);
      report([codes, before === stateOf(sigbridge)]);
    });
    expect(await child.next()).toEqual([
      [
        'ERR_UNCATCHABLE',
        'ERR_SYNCHRONOUS_SIGNAL',
        'ERR_INVALID_ARG',
        'ERR_UNKNOWN_SIGNAL',
        'ERR_INVALID_ARG',
        'ERR_INVALID_ARG',
        'ERR_UNKNOWN_SIGNAL',
      ],
      true,
    ]);
  });
});
