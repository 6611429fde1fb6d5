import { describe, expect, test } from '@jest/globals';

import { whileOursComesAndGoes, whileProcessOnComesAndGoes } from '../../support/coming-and-going';
import { scenario } from '../../support/scenario';

describe('with a process.on listener on the same signal', () => {
  test.each(['process.on first', 'ours first'])(
    '%s: both hear each signal once, and each outlives the other',
    async (order) => {
      const child = await scenario(
        async ({ sigbridge, report, settle, args }) => {
          let [ours, theirs] = [0, 0];
          const listener = () => theirs++;
          const open = () => sigbridge.on('SIGUSR2', () => ours++);
          const signal = async () => {
            process.kill(process.pid, 'SIGUSR2');
            await settle();
            report([ours, theirs, sigbridge.inspect('SIGUSR2').owner]);
          };
          if (args.order === 'process.on first') process.on('SIGUSR2', listener);
          let subscription = open();
          if (args.order === 'ours first') process.on('SIGUSR2', listener);
          await signal();
          await signal();
          subscription.close();
          await signal();
          subscription = open();
          await signal();
          process.off('SIGUSR2', listener);
          await signal();
          process.on('SIGUSR2', listener);
          await signal();
          process.off('SIGUSR2', listener);
          subscription.close();
          report(sigbridge.inspect('SIGUSR2').disposition);
        },
        { args: { order } },
      );
      expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
      expect(child.reports()).toEqual([
        [1, 1, 'sigbridge'],
        [2, 2, 'sigbridge'],
        [2, 3, 'libuv'],
        [3, 4, 'sigbridge'],
        [4, 4, 'sigbridge'],
        [5, 5, 'sigbridge'],
        'default',
      ]);
    },
  );

  test('process.once hears one signal, ours the next as well', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: string[] = [];
      sigbridge.on('SIGTERM', () => heard.push('ours'));
      process.once('SIGTERM', () => heard.push('theirs'));
      for (let signals = 0; signals < 2; signals++) {
        process.kill(process.pid, 'SIGTERM');
        await settle();
      }
      report(heard.sort());
    });
    expect(await child.next()).toEqual(['ours', 'ours', 'theirs']);
  });

  test('a signal before process.on was called is not heard by it', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: string[] = [];
      sigbridge.on('SIGHUP', () => heard.push('ours'));
      process.kill(process.pid, 'SIGHUP');
      process.on('SIGHUP', () => heard.push('theirs'));
      await settle();
      report(heard);
    });
    expect(await child.next()).toEqual(['ours']);
  });

  test('what was heard once is not heard again after a further on', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: string[] = [];
      const listener = () => heard.push('theirs');
      for (let round = 0; round < 3; round++) {
        const subscription = sigbridge.on('SIGUSR2', () => heard.push('ours'));
        await settle();
        await settle();
        process.on('SIGUSR2', listener);
        process.kill(process.pid, 'SIGUSR2');
        await settle();
        process.off('SIGUSR2', listener);
        subscription.close();
        await settle();
        report(heard.splice(0).sort());
      }
    });
    expect(await child.exit).toMatchObject({ code: 0, signal: null });
    expect(child.reports()).toEqual(Array(3).fill(['ours', 'theirs']));
  });

  test('inspect shows both in the chain, and in whose order', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const chain = () => sigbridge.inspect('SIGHUP').chain.map(({ owner }) => owner);
      const subscription = sigbridge.on('SIGHUP', () => undefined);
      report(chain());
      process.on('SIGHUP', () => undefined);
      report(chain());
      subscription.close();
      report(chain());
    });
    await child.exit;
    expect(child.reports()).toEqual([['sigbridge'], ['sigbridge', 'libuv'], []]);
  });

  test('removeAllListeners takes away theirs alone', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      let [ours, theirs] = [0, 0];
      const subscription = sigbridge.on('SIGUSR2', () => ours++);
      const signal = async () => {
        process.kill(process.pid, 'SIGUSR2');
        await settle();
        report([ours, theirs]);
      };
      for (let listeners = 0; listeners < 3; listeners++) {
        process.on('SIGUSR2', () => theirs++);
      }
      await signal();
      process.removeAllListeners('SIGUSR2');
      await signal();
      process.on('SIGUSR2', () => theirs++);
      process.removeAllListeners();
      await signal();
      subscription.close();
      await settle();
      report(sigbridge.inspect('SIGUSR2').disposition);
    });
    await child.exit;
    expect(child.reports()).toEqual([[1, 3], [2, 3], [3, 3], 'default']);
  });

  test('process.on and its removal, a thousand times: ours loses no signal', async () => {
    await whileProcessOnComesAndGoes(1000);
  });

  test('on and its close, a thousand times: process.on hears each signal once', async () => {
    await whileOursComesAndGoes(1000);
  });
});

describe('one that ends the process by the signal it got', () => {
  // As signal-exit and many a shutdown handler do: their listener goes, and the signal comes again.
  test.each(['process.on first', 'ours first'])(
    'ends it also in the turn in which ours was closed (%s)',
    async (order) => {
      const child = await scenario(
        async ({ sigbridge, settle, args }) => {
          const listener = (): void => undefined;
          if (args.order === 'process.on first') process.on('SIGTERM', listener);
          const subscription = sigbridge.on('SIGTERM', () => undefined);
          if (args.order === 'ours first') process.on('SIGTERM', listener);
          await settle();
          subscription.close();
          process.off('SIGTERM', listener);
          process.kill(process.pid, 'SIGTERM');
        },
        { args: { order } },
      );
      expect(await child.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    },
  );

  test('ends it from our own listener, once that is closed', async () => {
    const child = await scenario(async ({ sigbridge, settle }) => {
      const subscription = sigbridge.on('SIGHUP', () => {
        subscription.close();
        process.kill(process.pid, 'SIGHUP');
      });
      process.kill(process.pid, 'SIGHUP');
      await settle();
    });
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGHUP' });
  });

  test('is signal-exit: it leaves the process to ours, and ends it once that is closed', async () => {
    const child = await scenario(
      async ({ sigbridge, require, report, settle, next, args }) => {
        const { onExit } = require(args.signalExit) as typeof import('signal-exit');
        onExit((code, signal) => {
          report({ hook: [code, signal] });
        });
        const subscription = sigbridge.on('SIGTERM', ({ pid }) => {
          report({ ours: pid === process.pid ? 'from itself' : 'from outside' });
        });
        report('ready');
        await next();
        await settle();
        report(process.listenerCount('SIGTERM'));
        subscription.close();
        process.kill(process.pid, 'SIGTERM');
        setInterval(() => undefined, 1e6);
      },
      { args: { signalExit: require.resolve('signal-exit') } },
    );
    await child.next();
    child.kill('SIGTERM');
    expect(await child.next()).toEqual({ ours: 'from outside' });
    child.tell();
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    expect(child.reports().slice(2)).toEqual([2, { hook: [null, 'SIGTERM'] }]);
  });

  test('is signal-exit: with ours for one signal alone, the process ends by the first', async () => {
    const child = await scenario(
      async ({ sigbridge, require, report, next, args }) => {
        const { onExit } = require(args.signalExit) as typeof import('signal-exit');
        onExit((code, signal) => {
          report({ hook: [code, signal] });
        });
        sigbridge.on(
          'SIGTERM',
          () => {
            report('ours');
          },
          { once: true },
        );
        report('ready');
        await next();
      },
      { args: { signalExit: require.resolve('signal-exit') } },
    );
    await child.next();
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    const [, ...rest] = child.reports();
    expect(rest).toHaveLength(2);
    expect(rest).toEqual(expect.arrayContaining([{ hook: [null, 'SIGTERM'] }, 'ours']));
  });

  test('is signal-exit: its hooks run when the process ends by itself', async () => {
    const child = await scenario(
      ({ sigbridge, require, report, args }) => {
        const { onExit } = require(args.signalExit) as typeof import('signal-exit');
        sigbridge.on('SIGTERM', () => undefined);
        onExit((code, signal) => {
          report({ hook: [code, signal] });
        });
        process.exit(3);
      },
      { args: { signalExit: require.resolve('signal-exit') } },
    );
    expect(await child.exit).toMatchObject({ code: 3 });
    expect(child.reports()).toEqual([{ hook: [3, null] }]);
  });
});

test('a listener that a module loaded before us had set is known', async () => {
  const child = await scenario(async ({ sigbridge, report, settle }) => {
    const heard: string[] = [];
    for (const name of ['SIGUSR2', 'SIGHUP', 'SIGWINCH'] as const) {
      process.on(name, () => heard.push(`${name} theirs`));
    }
    const subscription = sigbridge.on(['SIGUSR2', 'SIGHUP', 'SIGWINCH'], ({ signal }) =>
      heard.push(`${signal} ours`),
    );
    for (const name of ['SIGUSR2', 'SIGHUP', 'SIGWINCH'] as const) process.kill(process.pid, name);
    await settle();
    report(heard.sort());
    subscription.close();
    report(subscription.signals.map((name) => sigbridge.inspect(name).owner));
  });
  expect(await child.next()).toEqual(
    ['SIGUSR2', 'SIGHUP', 'SIGWINCH'].flatMap((name) => [`${name} ours`, `${name} theirs`]).sort(),
  );
  expect(await child.next()).toEqual(['libuv', 'libuv', 'libuv']);
});

test('what comes and goes while nobody takes signals here is known to the next who does', async () => {
  const child = await scenario(async ({ sigbridge, report, settle }) => {
    let [ours, theirs] = [0, 0];
    const gone = () => theirs++;
    const round = async () => {
      const subscription = sigbridge.on(['SIGUSR2', 'SIGHUP'], () => ours++);
      for (const name of ['SIGUSR2', 'SIGHUP'] as const) process.kill(process.pid, name);
      await settle();
      const { chain } = sigbridge.inspect('SIGUSR2');
      subscription.close();
      await settle();
      report([ours, theirs, chain.length, sigbridge.inspect('SIGUSR2').disposition]);
    };
    process.on('SIGUSR2', gone);
    await round();
    process.off('SIGUSR2', gone);
    process.on('SIGHUP', () => theirs++);
    await round();
    process.kill(process.pid, 'SIGUSR2');
    await settle();
    report('alive');
  });
  expect(await child.exit).toMatchObject({ code: null, signal: 'SIGUSR2' });
  expect(child.reports()).toEqual([
    [2, 1, 2, 'handler'],
    [4, 2, 1, 'default'],
  ]);
});
