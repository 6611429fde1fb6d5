import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import { Progress } from '../../../lib/cli/trace/Progress';
import { onTerminal } from '../../support/pty';
import { SIGBRIDGE, toEnd } from '../../support/run';

describe('what takes longer than a second', () => {
  let now = 0;
  let written: string[] = [];
  beforeEach(() => {
    now = 5000;
    written = [];
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  function work(progress: Progress, msEach: number): void {
    progress.begin();
    const steps = Array.from({ length: 10_240 }, () => msEach);
    for (const ms of progress.through('Reading', steps)) now += ms;
    progress.end();
  }

  test('is told a few times a second, on one line that goes away', () => {
    work(new Progress((text) => written.push(text)), 0.2);
    expect(written).toEqual([
      ...[50, 60, 70, 80, 90].map((part) => `\r\x1b[KReading: ${String(part)} %`),
      '\r\x1b[K',
    ]);
  });

  test('what is over within it is not', () => {
    work(new Progress((text) => written.push(text)), 0.09);
    expect(written).toEqual([]);
  });

  test('nothing where nobody looks on', () => {
    work(new Progress(null), 10);
    expect(now).toBe(107_400);
  });
});

const CHANGES = `import signal, sys
for _ in range(int(sys.argv[1])): signal.signal(10, signal.SIG_IGN); signal.signal(10, signal.SIG_DFL)`;

test('a record of a million changes says on a terminal how far it is', async () => {
  const words = ['--report', '/dev/null', '--', 'python3', '-c', CHANGES, '500000'];
  const terminal = onTerminal([SIGBRIDGE, 'trace', ...words]);
  // eslint-disable-next-line no-control-regex
  await terminal.waitFor(/\r\x1b\[K(Reading the record|Naming what was recorded): \d+ %/);
  expect(await terminal.exit).toMatchObject({ code: 0 });
  expect(terminal.output.endsWith('\r\x1b[K')).toBe(true);
});

test('and in a pipe nothing', () => {
  const words = ['--report', '/dev/null', '--', 'python3', '-c', CHANGES, '50000'];
  const { status, stdout, stderr } = toEnd([SIGBRIDGE, 'trace', ...words]);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
