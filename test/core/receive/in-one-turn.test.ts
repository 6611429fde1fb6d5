// on() and close() in turn, within one turn of the event loop: what is left to the next turn must show
// nowhere, on no thread.
import { describe, expect, test } from '@jest/globals';

import { scenario } from '../../support/scenario';

test('each listener hears what comes while it listens, and no more', async () => {
  const child = await scenario(async ({ sigbridge, report, settle }) => {
    const heard: number[] = [];
    // By default nothing happens at this signal.
    for (let cycle = 0; cycle < 50; cycle++) {
      sigbridge.on('SIGURG', () => heard.push(-1)).close();
      process.kill(process.pid, 'SIGURG');
    }
    const last = sigbridge.on('SIGURG', () => heard.push(1));
    process.kill(process.pid, 'SIGURG');
    await settle();
    last.close();
    report([heard, sigbridge.inspect('SIGURG').disposition]);
  });
  expect(await child.next()).toEqual([[1], 'default']);
});

describe('after the last close', () => {
  test('a signal from outside ends a program that never comes to the next turn', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      for (let cycle = 0; cycle < 10; cycle++) sigbridge.on('SIGUSR2', () => undefined).close();
      report();
      for (;;);
    });
    await child.next();
    child.kill('SIGUSR2');
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGUSR2', stderr: '' });
  });

  test('so does one that another thread takes', async () => {
    const child = await scenario(({ sigbridge, fixture }) => {
      const unruly = fixture('unruly');
      for (let cycle = 0; cycle < 10; cycle++) sigbridge.on('SIGUSR2', () => undefined).close();
      unruly.raiseInThread(12);
      for (;;);
    });
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGUSR2', stderr: '' });
  });

  test('process.exit() ends as it would have ended', async () => {
    const child = await scenario(({ sigbridge }) => {
      for (let cycle = 0; cycle < 10; cycle++) sigbridge.on('SIGTERM', () => undefined).close();
      process.exit(3);
    });
    expect(await child.exit).toMatchObject({ code: 3, signal: null, stderr: '' });
  });

  test('a signal in an exit listener ends the process by it', async () => {
    const child = await scenario(({ sigbridge }) => {
      process.on('exit', () => {
        sigbridge.on('SIGTERM', () => undefined).close();
        process.kill(process.pid, 'SIGTERM');
      });
    });
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGTERM', stderr: '' });
  });

  test('a child of vfork takes the default', async () => {
    const child = await scenario(({ sigbridge, fixture, report }) => {
      const unruly = fixture('unruly');
      sigbridge.on('SIGUSR2', () => undefined).close();
      report(unruly.raiseInVfork(12) & 0x7f);
    });
    expect(await child.next()).toBe(12);
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});

describe('beside process.on', () => {
  test('its listeners hear each signal once, ours what comes while they listen', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: string[] = [];
      process.on('SIGUSR2', () => heard.push('theirs'));
      for (let cycle = 0; cycle < 5; cycle++) sigbridge.on('SIGUSR2', () => undefined).close();
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      const ours = sigbridge.on('SIGUSR2', () => heard.push('ours'));
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      ours.close();
      report([heard.sort(), sigbridge.inspect('SIGUSR2').owner]);
    });
    expect(await child.next()).toEqual([['ours', 'theirs', 'theirs'], 'libuv']);
  });

  test('one that comes in between hears, and with one that goes the default is back', async () => {
    const child = await scenario(async ({ sigbridge, report, settle }) => {
      const heard: string[] = [];
      const theirs = () => {
        heard.push('theirs');
      };
      sigbridge.on('SIGUSR2', () => undefined).close();
      process.on('SIGUSR2', theirs);
      process.kill(process.pid, 'SIGUSR2');
      await settle();
      report(heard);
      sigbridge.on('SIGUSR2', () => undefined).close();
      process.removeListener('SIGUSR2', theirs);
      process.kill(process.pid, 'SIGUSR2');
      for (;;);
    });
    expect(await child.next()).toEqual(['theirs']);
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGUSR2' });
  });
});

describe('beside another thread', () => {
  test('that listens: it hears whatever the main thread does', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      sigbridge.on('SIGUSR2', () => undefined).close();
      const thread = startThread(async ({ report, next, sigbridge }) => {
        const subscription = sigbridge.on('SIGUSR2', () => {
          report('heard');
        });
        report('ready');
        await next();
        subscription.close();
        report('closed');
        await next();
      });
      await thread.next();
      for (let cycle = 0; cycle < 3; cycle++) {
        sigbridge.on('SIGUSR2', () => undefined).close();
        process.kill(process.pid, 'SIGUSR2');
        report(await thread.next());
      }
      sigbridge.on('SIGUSR2', () => undefined).close();
      thread.tell();
      report(await thread.next());
      process.kill(process.pid, 'SIGUSR2');
      for (;;);
    });
    for (let cycle = 0; cycle < 3; cycle++) expect(await child.next()).toBe('heard');
    expect(await child.next()).toBe('closed');
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGUSR2' });
  });

  test('that closes: a signal ends the process, whatever its loop is at', async () => {
    const child = await scenario(async ({ report, require }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const thread = startThread(({ report, sigbridge }) => {
        for (let cycle = 0; cycle < 5; cycle++) sigbridge.on('SIGUSR2', () => undefined).close();
        report('closed');
        for (;;);
      });
      report(await thread.next());
      process.kill(process.pid, 'SIGUSR2');
      for (;;);
    });
    expect(await child.next()).toBe('closed');
    expect(await child.exit).toMatchObject({ code: null, signal: 'SIGUSR2' });
  });

  test('that asks: it finds the default, and what the main thread does next still holds', async () => {
    const child = await scenario(async ({ sigbridge, report, require, settle }) => {
      const { startThread } = require('./threads.js') as typeof import('../../support/threads');
      const thread = startThread(async ({ report, next, sigbridge }) => {
        for (;;) {
          report(sigbridge.inspect('SIGURG').disposition);
          await next();
        }
      });
      await thread.next();
      let heard = 0;
      for (let cycle = 0; cycle < 200; cycle++) {
        thread.tell();
        for (let again = 0; again < 20; again++) {
          sigbridge.on('SIGURG', () => undefined).close();
        }
        const last = sigbridge.on('SIGURG', () => heard++);
        process.kill(process.pid, 'SIGURG');
        await thread.next();
        await settle();
        last.close();
      }
      thread.tell();
      report([heard, await thread.next()]);
    });
    expect(await child.next()).toEqual([200, 'default']);
  });
});
