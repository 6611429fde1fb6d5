// `sigbridge trace` and Go, whose runtime makes its system calls itself.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { expect, test } from '@jest/globals';

import { scenarioCommand } from '../support/scenario';
import { actions, folder, traced } from '../support/trace';

function goLibrary(): string {
  const library = path.join(folder(), 'notify.so');
  execFileSync('go', ['build', '-buildmode=c-shared', '-o', library, 'notify.go'], {
    cwd: path.join(__dirname, 'go'),
  });
  return library;
}

test('a handler without SA_ONSTACK in a process with Go', () => {
  const library = goLibrary();
  const [command, ...argv] = scenarioCommand(
    ({ require, args }) => {
      const koffi = require('koffi') as typeof import('koffi');
      koffi.load(args).func('void Listen(int)')(1);
      process.on('SIGUSR2', () => undefined);
      process.exit();
    },
    { args: library },
  );
  const { trace } = traced([command, ...argv]);
  const found = trace.warnings.filter(({ rule }) => rule === 'no-onstack-with-go');
  expect(found.map(({ signal }) => signal)).toContain('SIGUSR2');
  expect(found.find(({ signal }) => signal === 'SIGUSR2')?.message).toMatch(
    /^The handler uv__signal_handler \(node\) for SIGUSR2 lacks SA_ONSTACK in a process with Go/,
  );
  // The same without Go.
  const [other, ...rest] = scenarioCommand(() => {
    process.on('SIGUSR2', () => undefined);
    process.exit();
  });
  expect(traced([other, ...rest]).trace.warnings).toEqual([]);
});

// With cgo, Go's runtime takes the C library's sigaction.
test('what Go does in a library is told once, whoever has seen it', () => {
  const library = goLibrary();
  const [command, ...argv] = scenarioCommand(
    ({ require, args }) => {
      const koffi = require('koffi') as typeof import('koffi');
      koffi.load(args).func('void Listen(int)')(1);
      process.exit();
    },
    { args: library },
  );
  const own = (options: string[]): string[] =>
    actions(traced([command, ...argv], options).trace.changes)
      .filter(({ to }) => to.handler?.module === library && to.flags.includes('SA_ONSTACK'))
      .map(({ signal, seenBy }) => `${signal} ${seenBy.join()}`);
  const hangups = (options: string[]): string[] =>
    own(options).filter((text) => text.startsWith('SIGHUP '));
  expect(hangups([])).toEqual(['SIGHUP preload']);
  expect(hangups(['--syscalls'])).toEqual(['SIGHUP preload,strace']);
});

test('a program of Go alone cannot be preloaded, and is seen by its system calls', () => {
  const program = path.join(folder(), 'program');
  const source = path.join(__dirname, 'go/listener/listener.go');
  execFileSync('go', ['build', '-o', program, source], {
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  expect(traced([program]).stderr).toMatch(/program is statically linked/);
  const { trace, stdout, status } = traced([program], ['--syscalls']);
  expect({ stdout, status }).toEqual({ stdout: 'hangup\n', status: 0 });
  const hangup = actions(trace.changes).find(({ signal }) => signal === 'SIGHUP');
  expect(hangup).toMatchObject({
    seenBy: ['strace'],
    who: { module: program, symbol: expect.stringMatching(/^runtime\./) },
    to: { disposition: 'handler', handler: { symbol: expect.stringMatching(/^runtime\./) } },
  });
  expect(trace.processes[0]).toMatchObject({ preloaded: false, go: true });
});
