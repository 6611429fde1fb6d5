import { spawnSync } from 'node:child_process';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { build, type Built } from './setup';
import { lines } from './table';
import { written } from './written';

let built: Built;

beforeAll(() => {
  built = build();
});

afterAll(() => {
  built.remove();
});

const NAMES: Record<string, readonly [library: string, countsOn: string, right: string]> = {
  c: ['C, a handler without `SA_RESTART`', '`SIGALRM` ends a `read`', 'EINTR'],
  pythonRead: ['Python, `signal.setitimer`', '`SIGALRM` ends `os.read`', 'TimeoutError'],
  pythonRun: ['Python', '`SIGINT` ends `subprocess.run`', 'KeyboardInterrupt'],
  perl: ['Perl, `alarm` and `die`', '`SIGALRM` ends `sysread`', 'died: late\n'],
  rubyTrap: ['Ruby, `trap`', 'the second `SIGUSR2`, as the first', '2 of 2'],
  rubySleep: ['Ruby', '`SIGINT` ends `sleep`', 'Interrupt'],
  prolog: ['SWI-Prolog', '`thread_signal` ends `sleep`, by `SIGUSR2`', 'true'],
  guile: ['Guile, `sigaction` and `throw`', '`SIGALRM` ends a loop', 'late'],
  eclStack: ['ECL', 'a stack that is full is a condition, by `SIGSEGV`', '1 of 1'],
  eclKill: ['ECL', '`mp:process-kill` ends a process of its own, by `SIGRTMIN+2`', '1 of 1'],
  glib: ['GLib, `g_unix_signal_add`', '`SIGHUP` comes to its loop', '1 of 1'],
  boehm: ['Boehm’s collector', 'it stops its threads by `SIGPWR`', '3 of 3'],
  gperftools: ['gperftools’ profiler', 'it samples by `SIGPROF`', 'samples'],
  goPreempts: ['Go', '`SIGURG` interrupts an endless loop', '3 of 3'],
};
const ORDERS = ['without', 'library first', 'sigbridge first'] as const;

/** It does nothing where the signal has a handler already, of whomever. */
const STANDS_ASIDE = 'gperftools';

const rows: Record<string, string[]> = {};
const CASES = Object.keys(NAMES).flatMap((name) =>
  ORDERS.filter((order) => name !== STANDS_ASIDE || order !== 'sigbridge first').map(
    (order) => [name, order] as const,
  ),
);

test.each(CASES)('%s, %s: what its user counts on happens', (name, order) => {
  const [, , right] = NAMES[name] ?? [];
  const argv = [path.join(__dirname, 'effects.js'), name, order];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, argv, {
    env: { ...process.env, ...built.env },
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  expect({ stderr, end: signal ?? status }).toEqual({ stderr: expect.anything(), end: 0 });
  const seen = JSON.parse(stdout.split('\n').at(-2) ?? '') as string[];
  expect(seen).toEqual(seen.map(() => right));
  const [during = '', again = '', after = ''] = seen.map((words) => `\`${words.trim()}\``);
  const twice = during === again ? during : `${during}, ${again}`;
  (rows[name] ??= []).push(...(order === 'without' ? [twice] : [twice, after]));
});

test('docs/libraries.md has the table of this run', () => {
  const head = [
    ...['library', 'what its user counts on', 'without sigbridge', 'library first'],
    ...['after the last close', 'sigbridge first', 'after the last close'],
  ];
  const cells = Object.entries(rows).map(([name, seen]) => [
    ...(NAMES[name] ?? []).slice(0, 2),
    ...seen,
    ...(name === STANDS_ASIDE ? ['stands aside', 'stands aside'] : []),
  ]);
  expect(written('effects', lines([head, head.map(() => '---'), ...cells]))).toBe(true);
});
