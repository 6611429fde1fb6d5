import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';

import fs from 'node:fs';
import path from 'node:path';

import { jsonOf, parseJson } from '../../../lib/cli/trace/json';
import { merge } from '../../../lib/cli/trace/merge';
import type { Trace } from '../../../lib/cli/trace/model';
import { Progress } from '../../../lib/cli/trace/Progress';
import { parseStrace } from '../../../lib/cli/trace/strace';
import { onTerminal } from '../../support/pty';
import { SIGBRIDGE, toEnd } from '../../support/run';
import { folder } from '../../support/trace';

/** A record of so many changes, as much of one as JSON cares for. */
function recordOf(changes: number): Trace {
  const change = { time: 1, process: 0, call: '"changes": []\n', who: null, script: [] };
  const rest = {
    processes: [],
    owners: [],
    warnings: [],
    dropped: 0,
    notes: ['\n  "changes": []'],
  };
  return { command: ['a'], changes: Array(changes).fill(change), ...rest } as unknown as Trace;
}

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

  /** As if a second went by with each look at the clock. */
  function slowly(): Progress {
    jest.spyOn(performance, 'now').mockImplementation(() => (now += 1000));
    return new Progress((text) => written.push(text));
  }

  test('so is what strace saw, and what becomes of it', () => {
    const line =
      '1 1.000001 [01] rt_sigaction(10, {sa_handler=0x1, sa_mask=[], sa_flags=0}, NULL, 8) = 0';
    const progress = slowly();
    const calls = parseStrace(Array<string>(2000).fill(line), progress);
    expect(calls).toHaveLength(2000);
    merge(calls, calls, progress);
    const each = [
      'Reading what strace saw',
      'Sorting what strace saw',
      'Comparing what thread 1 did',
    ];
    expect(written).toEqual(
      each.flatMap((what) => [0, 51].map((part) => `\r\x1b[K${what}: ${part} %`)),
    );
  });

  test('so are the reading and the writing of JSON', async () => {
    const file = path.join(folder(), 'trace.json');
    const progress = slowly();
    fs.writeFileSync(file, [...jsonOf(recordOf(20_000), progress)].join(''));
    expect(written[1]).toBe('\r\x1b[KWriting the changes: 5 %');
    written = [];
    expect(await parseJson(file, progress)).toEqual(recordOf(20_000));
    expect(written[1]).toMatch(/Reading the record: [1-9]\d? %$/);
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

test.each([0, 1, 1024, 1025])('JSON in pieces is what it is in one: %d changes', (changes) => {
  const text = [...jsonOf(recordOf(changes), new Progress(null))].join('');
  expect(text).toBe(`${JSON.stringify(recordOf(changes), null, 2)}\n`);
});

test('a large record that is read again says on a terminal how far it is', async () => {
  const file = path.join(folder(), 'trace.json');
  const { changes, ...rest } = recordOf(1);
  const all = Array(1_500_000).fill(JSON.stringify(changes[0])).join();
  fs.writeFileSync(file, `${JSON.stringify(rest).slice(0, -1)},"changes":[${all}]}`);
  const words = ['--input', file, '--json', '--output', '/dev/null'];
  const terminal = onTerminal([SIGBRIDGE, 'trace', ...words]);
  // eslint-disable-next-line no-control-regex
  await terminal.waitFor(/\r\x1b\[KReading the record: \d+ %/);
  expect(await terminal.exit).toMatchObject({ code: 0 });
  expect(terminal.output.endsWith('\r\x1b[K')).toBe(true);
});

test('what was cut off is refused, and changes nothing', () => {
  const file = path.join(folder(), 'trace.json');
  // Some that parse all the same.
  for (const text of ['{"changes":[{', '{"changes":[]}', 'null', '{"changes":[1,']) {
    fs.writeFileSync(file, text);
    const { status, stderr } = toEnd([SIGBRIDGE, 'trace', '--input', file]);
    expect(stderr).toMatch(
      /^sigbridge: Invalid input: .*expected what --json|^sigbridge: Invalid input: .*JSON/i,
    );
    expect(status).toBe(2);
  }
});

test('and in a pipe nothing', () => {
  const words = ['--report', '/dev/null', '--', 'python3', '-c', CHANGES, '50000'];
  const { status, stdout, stderr } = toEnd([SIGBRIDGE, 'trace', ...words]);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
