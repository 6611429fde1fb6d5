import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { Diagnosis } from '../../../lib/cli/doctor/index';
import { RULES } from '../../../lib/cli/doctor/rules/index';
import { doctor, start, untilNamed } from '../../support/patients';

async function ignoring(): Promise<number> {
  const { pid } = await start(['env', '--default-signal', '--ignore-signal=INT', 'sleep', '600']);
  await untilNamed(pid, 'sleep');
  return pid;
}

describe('sigbridge doctor', () => {
  test('prints the verdict, then each cause with evidence and remedy', async () => {
    const pid = await ignoring();
    const { code, stdout, stderr } = await doctor([pid, '--by', 'kill']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const [verdict, empty, cause, ...rest] = stdout.split('\n');
    expect(verdict).toBe(
      `SIGINT will not act on process ${String(pid)} (sleep 600): SIGINT is ignored.`,
    );
    expect(empty).toBe('');
    expect(cause).toBe('Cause: SIGINT is ignored [ignored]');
    expect(rest[0]).toBe(`  seen    /proc/${String(pid)}/status: SigIgn holds SIGINT.`);
    expect(stdout).toMatch(/^ {2}remedy {2}\S/m);
    expect(stdout).not.toContain('\x1b');
  });

  test('ends with 0 where the signal acts, by name and by number', async () => {
    const pid = await ignoring();
    for (const signal of ['SIGTERM', '15', 'SIGRTMIN+3']) {
      const { code, stdout } = await doctor([pid, '--signal', signal]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^SIG(TERM|RTMIN\+3) will act on process \d+ \(sleep 600\): .*\n/);
    }
  });

  test('--json prints the same for programs', async () => {
    const pid = await ignoring();
    const { code, stdout } = await doctor([pid, '--signal', '2', '--json', '--by', 'kill']);
    expect(code).toBe(1);
    const found = JSON.parse(stdout) as Diagnosis;
    expect(found).toMatchObject({
      ...{ pid, command: 'sleep 600', signal: 'SIGINT', number: 2, by: 'kill' },
      ...{ disposition: 'ignored', acts: false },
    });
    expect(Object.keys(found.causes[0] ?? {})).toEqual([
      ...['rule', 'importance', 'title', 'evidence', 'conclusions', 'remedy', 'culprit'],
    ]);
  });

  test.each([
    [['abc'], "Invalid pid: 'abc'"],
    [['1', '2'], "'doctor' takes one pid"],
    [['1', '--signal', 'sigint'], "Did you mean 'SIGINT'?"],
    [['1', '--signal', 'SIG32'], 'SIG32 is reserved'],
    [['1', '--by', 'magic'], "Invalid --by: 'magic'; expected 'key' or 'kill'"],
    [['--frobnicate'], '--frobnicate'],
  ])('%p is wrong usage', async (args, text) => {
    const { code, stdout, stderr } = await doctor(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(text);
    expect(stderr).toContain("Try 'sigbridge doctor --help'.");
  });

  test('does not let a command line steer the terminal', async () => {
    const { pid } = await start(['sleep', '600'], { argv0: 's\x1b[2Jleep' });
    const { stdout } = await doctor([pid]);
    expect(stdout).toContain('s?[2Jleep');
    expect(stdout).not.toContain('\x1b');
  });

  test('every rule has its section in the documentation', () => {
    const text = fs.readFileSync(path.join(__dirname, '../../../docs/troubleshooting.md'), 'utf8');
    const anchors = [...text.matchAll(/^## .*`([a-z-]+)`$/gm)].map(([, rule]) => rule);
    expect(anchors.sort()).toEqual(['no-such-process', ...Object.keys(RULES)].sort());
  });
});
