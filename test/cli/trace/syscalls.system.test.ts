import fs from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../../support/cleanup';
import { fixturePath } from '../../support/fixtures';
import { until } from '../../support/kernel';
import { killQuietly } from '../../support/kill';
import { actions, brief, traced, tracing } from '../../support/trace';

const CHANGES = fixturePath('changes');

describe('with --syscalls', () => {
  test('what the C library cannot show is merged in, and nothing is told twice', () => {
    const { trace } = traced([CHANGES, 'act=10', 'raw', 'thread', 'vfork'], ['--syscalls']);
    const own = actions(trace.changes).filter(({ signal }) => signal !== 'SIG33');
    expect(own.map((change) => [brief(change), change.seenBy.join()])).toEqual([
      ['sigaction SIGUSR1: default -> first', 'preload,strace'],
      ['rt_sigaction SIGUSR2: default -> ignore', 'strace'],
      ['sigaction SIGUSR1: first -> first', 'preload,strace'],
      ['sigaction SIGUSR2: ignore -> ignore', 'preload,strace'],
      ['sigaction SIGUSR1: first -> first', 'preload,strace'],
    ]);
    const [first, raw, thread] = own;
    expect(raw?.who?.module).toMatch(/libc/);
    expect(raw?.tid).toBe(first?.tid);
    expect(thread?.tid).not.toBe(first?.tid);
    expect(trace.processes.filter(({ how }) => how === 'exec')).toHaveLength(2);
    // Each was seen at two times, of two clocks.
    const times = trace.changes.map(({ time }) => time);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  test('a statically linked program is seen by its system calls', () => {
    const { trace, status, stdout, stderr } = traced([fixturePath('standalone')], ['--syscalls']);
    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: 'standalone\n', stderr: '' });
    expect(trace.changes.map(brief)).toEqual([
      'rt_sigaction SIGUSR1: ? -> ignore',
      'rt_sigaction SIGUSR2: ? -> own',
    ]);
    expect(trace.changes[0]?.who).toMatchObject({ module: fixturePath('standalone') });
    expect(trace.notes).toEqual([expect.stringMatching(/standalone\) only the system calls/)]);
  });

  test.each([
    ['exit=9', { status: 9, signal: null }],
    ['raise=15', { status: null, signal: 'SIGTERM' }],
  ])('the end is the program’s own: %s', (word, end) => {
    expect(traced([CHANGES, word], ['--syscalls'])).toMatchObject(end);
  });

  test('signals reach the program', async () => {
    const { program, read } = tracing([CHANGES, 'listen'], ['--syscalls']);
    await program.line('ready');
    for (const number of [2, 15, 40]) {
      program.kill(number);
      await program.line(String(number));
    }
    program.kill('SIGQUIT');
    expect(await program.exit).toMatchObject({ code: 0, stderr: '' });
    expect(read().exit).toEqual({ code: 0, signal: null });
  });

  test('does not wait for what goes on behind the program', async () => {
    const script = 'sleep 20 >/dev/null 2>&1 & echo $!';
    const { stdout, status } = traced(['sh', '-c', script], ['--syscalls']);
    onTestEnd(() => {
      killQuietly(Number(stdout));
    });
    expect(status).toBe(0);
    const name = (): string => fs.readFileSync(`/proc/${stdout.trim()}/comm`, 'utf8');
    await until(() => name() === 'sleep\n', 'it to have become what it was to be');
  });

  test.each([
    [[CHANGES, 'act=10', 'exit=3'], ['sigaction SIGUSR1: default -> first']],
    [[fixturePath('standalone')], []],
  ])('where nobody may trace, %p runs, and the record says what it lacks', (command, seen) => {
    const wrapper = [fixturePath('without'), 'ptrace'];
    const { status, trace } = traced(command, ['--syscalls'], { wrapper });
    expect(status).toBe(3);
    expect(trace.changes.map(brief)).toEqual(seen);
    expect(trace.notes).toEqual([
      expect.stringMatching(/^System calls are not in this record: strace could not.*SYS_PTRACE/),
    ]);
  });

  test('of what is blocked, and unblocked again', () => {
    const { trace } = traced([CHANGES, 'sigprocmask=2'], ['--syscalls']);
    expect(trace.changes.filter(({ call }) => call === 'sigprocmask').map(brief)).toEqual([
      'sigprocmask: [] -> [SIGUSR1]',
      'sigprocmask: [SIGUSR1] -> []',
    ]);
  });
});
