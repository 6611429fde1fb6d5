import { execFileSync } from 'node:child_process';

import { describe, expect, test } from '@jest/globals';

import { KeyPresses } from '../../lib/shutdown/KeyPresses';
import { scenario } from '../support/scenario';

const TERMINAL = { code: 'SI_KERNEL', pid: null };
const NPM = { code: 'SI_USER', pid: 100 };
const SHELL = { code: 'SI_USER', pid: 200 };
const SELF = { code: 'SI_USER', pid: process.pid };

type Press = [source: { code: string; pid: number | null }, ms: number];

describe('of several SIGINTs, the second one', () => {
  test.each<[string, Press[], boolean[]]>([
    [
      'is the one from where the first came',
      [
        [TERMINAL, 0],
        [TERMINAL, 1],
      ],
      [false, true],
    ],
    [
      'is not the echo of npm',
      [
        [TERMINAL, 0],
        [NPM, 1],
        [NPM, 999],
      ],
      [false, false, true],
    ],
    [
      'is not the echo that comes first',
      [
        [NPM, 0],
        [TERMINAL, 1],
      ],
      [false, false],
    ],
    [
      'may come after the echo',
      [
        [TERMINAL, 0],
        [NPM, 5],
        [TERMINAL, 10],
        [NPM, 15],
      ],
      [false, false, true, true],
    ],
    [
      'is one from elsewhere after a second',
      [
        [TERMINAL, 0],
        [NPM, 1001],
      ],
      [false, true],
    ],
    [
      'is none within that second',
      [
        [TERMINAL, 0],
        [NPM, 1000],
      ],
      [false, false],
    ],
    [
      'counts from the first',
      [
        [TERMINAL, 0],
        [NPM, 600],
        [SHELL, 1100],
      ],
      [false, false, true],
    ],
    [
      'is none that the process sends itself, however often',
      [
        [TERMINAL, 0],
        [SELF, 1500],
        [SELF, 1600],
        [TERMINAL, 1700],
      ],
      [false, false, false, true],
    ],
    [
      'is one that the process sends itself where the first was',
      [
        [SELF, 0],
        [SELF, 1],
      ],
      [false, true],
    ],
  ])('%s', (_name, presses, seconds) => {
    const guard = new KeyPresses();
    const verdicts = presses.map(([source, ms]) =>
      guard.take({ ...source, timestamp: 5_000_000_000n + BigInt(ms) * 1_000_000n } as never),
    );
    expect(verdicts[0]).toBe('first');
    expect(verdicts.map((verdict) => verdict === 'second')).toEqual(seconds);
  });
});

test('an echo from another process hurries nobody, a second one of its own does', async () => {
  const child = await scenario(({ require, report }) => {
    const { createShutdown } = require('sigbridge/shutdown') as typeof import('sigbridge/shutdown');
    const shutdown = createShutdown({ progress: 'none' });
    shutdown.stage('hang', () => new Promise(() => undefined));
    shutdown.on('begin', (_reason, event) => {
      report(event?.pid);
    });
    shutdown.on('hurry', report);
    const { on } = require('sigbridge') as typeof import('sigbridge');
    let seen = 0;
    on('SIGINT', () => {
      report(`${String(++seen)}. SIGINT`);
    });
    setInterval(() => undefined, 60_000);
    report('ready');
  });
  expect(await child.next()).toBe('ready');
  child.kill('SIGINT');
  expect(await child.next()).toBe(process.pid);
  expect(await child.next()).toBe('1. SIGINT');
  // As npm does, which is another process.
  execFileSync('sh', ['-c', `kill -INT ${child.pid}`]);
  expect(await child.next()).toBe('2. SIGINT');
  child.kill('SIGINT');
  expect(await child.next()).toMatch(/a second SIGINT/);
  expect(await child.exit).toMatchObject({ signal: 'SIGINT', stderr: '' });
});

// As Nest's enableShutdownHooks() and terminus do, when their own hooks are done.
test('a library that sends SIGINT again to its own process hurries nobody', async () => {
  const child = await scenario(({ require, report }) => {
    const { createShutdown } = require('sigbridge/shutdown') as typeof import('sigbridge/shutdown');
    const { on } = require('sigbridge') as typeof import('sigbridge');
    const shutdown = createShutdown({ progress: 'none' });
    process.once('SIGINT', () => {
      setTimeout(() => process.kill(process.pid, 'SIGINT'), 1_100);
    });
    shutdown.stage('hooks', async () => {
      const heard = new Promise<void>((resolve) => {
        on('SIGINT', ({ pid }) => {
          if (pid === process.pid) resolve();
        });
      });
      await heard;
      await new Promise((resolve) => setImmediate(resolve));
    });
    shutdown.stage('database', () => new Promise((resolve) => setTimeout(resolve, 100)), {
      after: 'hooks',
    });
    shutdown.on('end', ({ hurried, stages }) => {
      report([hurried, ...stages.map(({ outcome }) => outcome)]);
    });
    setInterval(() => undefined, 60_000);
    report('ready');
  });
  expect(await child.next()).toBe('ready');
  child.kill('SIGINT');
  expect(await child.next()).toEqual([false, 'done', 'done']);
  expect(await child.exit).toMatchObject({ signal: 'SIGINT' });
});
