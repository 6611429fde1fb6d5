import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { onTerminal } from '../support/pty';
import { same, table, type Result } from './table';

const DOCUMENT = path.join(__dirname, '../../docs/libraries.md');
const PROGRAM = path.join(__dirname, 'program.js');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'libraries-'));
const results: Result[] = [];

const MODULES: Record<string, RegExp> = {
  python: /libpython3\.11/,
  ncurses: /libncursesw/,
  readline: /libreadline/,
  libevent: /libevent/,
  go: /notify\.so/,
  jvm: /libjvm/,
};

/** Debian's headless runtime environment. */
function jvmLibrary(): string {
  const root = '/usr/lib/jvm';
  const found = fs
    .readdirSync(root)
    .sort()
    .map((name) => path.join(root, name, 'lib/server/libjvm.so'))
    .find((file) => file.includes('openjdk') && fs.existsSync(file));
  if (found === undefined) throw new Error(`no openjdk with a libjvm.so in ${root}`);
  return found;
}

beforeAll(() => {
  const go = spawnSync(
    'go',
    ['build', '-buildmode=c-shared', '-o', path.join(folder, 'notify.so'), 'notify.go'],
    { cwd: path.join(__dirname, 'go'), encoding: 'utf8' },
  );
  if (go.status !== 0) throw new Error(`go build: ${go.stderr}`);
});

afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

/** Runs program.js on a terminal, which ncurses opens by itself, and reads what it reports. */
async function run(library: string, order: string): Promise<{ result: Result; output: string }> {
  const report = path.join(folder, `${library}-${order}.json`);
  const command = [process.execPath, PROGRAM, library, order, report] as const;
  // One descriptor stays: a terminal that nobody has open hangs up.
  const redirected = 'exec "$@" 3<&0 </dev/null >/dev/null 2>&1';
  const quiet = ['sh', '-c', redirected, 'sh', ...command] as const;
  const terminal = onTerminal([...(library === 'ncurses' ? quiet : command)], {
    env: {
      TERM: 'xterm',
      GO_LIBRARY: path.join(folder, 'notify.so'),
      JVM_LIBRARY: jvmLibrary(),
    },
  });
  const { code } = await terminal.exit;
  if (!fs.existsSync(report)) throw new Error(`ended with ${String(code)}:\n${terminal.output}`);
  const result = JSON.parse(fs.readFileSync(report, 'utf8')) as Result;
  if (result.error !== undefined) throw new Error(result.error);
  return { result, output: terminal.output };
}

describe.each(Object.keys(MODULES))('%s', (library) => {
  test.each(['library-first', 'sigbridge-first'])('%s', async (order) => {
    const { result, output } = await run(library, order);
    results.push(result);
    const module = MODULES[library] ?? /^$/;
    expect(result.counts).toEqual({ on: 1, processOn: 1 });
    expect(result.outOfBounds).toBe('memory access out of bounds');
    expect(result.outOfBoundsLeft).toBe('memory access out of bounds');
    expect(same(result)).toBe(true);
    if (result.standsAside && order === 'sigbridge-first') {
      // It installs over the default only: by its own choice it is not there.
      expect(result.displaced).toEqual([]);
      expect(result.effect).toBe(0);
      return;
    }
    const dumps = library === 'jvm' ? (output.match(/Full thread dump/g) ?? []).length : null;
    expect(result.effect ?? dumps).toBe(1);
    expect(result.named).toMatch(module);
    expect(result.chain.map(([owner]) => owner)).toEqual(['sigbridge', 'libuv', 'native']);
    expect(result.chain[2]?.[1]).toMatch(module);
    if (order === 'sigbridge-first') {
      expect(result.displaced).toContainEqual([result.signal, expect.stringMatching(module)]);
    }
    // Theirs come first, and hand on to V8's.
    if (library === 'go' || library === 'jvm') {
      expect(result.faults[0]).toMatch(module);
      if (order === 'sigbridge-first') expect(result.faults).toHaveLength(2);
    }
  });
});

test('a deferred bridge lets JavaScript come before curses restores the terminal and ends', async () => {
  const terminal = onTerminal([process.execPath, path.join(__dirname, 'restore.js')], {
    env: { TERM: 'xterm' },
  });
  await terminal.waitFor(/ready/);
  process.kill(terminal.pid, 'SIGTERM');
  await terminal.exit;
  const { output } = terminal;
  expect(output.match(/JavaScript first, then \S*libncursesw/g)).toHaveLength(1);
  expect(output.match(/process\.on/g)).toHaveLength(1);
  // What leaves the alternate screen of an xterm.
  expect(output.slice(output.indexOf('JavaScript first'))).toContain('\x1b[?1049l');
  expect(output).not.toContain('still here');
  expect(await terminal.exit).toEqual({ code: 1, signal: 0 });
});

test('docs/libraries.md has the table of this run', () => {
  const text = fs.readFileSync(DOCUMENT, 'utf8');
  const found = table(results);
  if (process.env['WRITE_TABLE'] !== undefined) {
    fs.writeFileSync(DOCUMENT, text.replace(/^\| library [^]*\|\n/m, found));
    return;
  }
  const cells = (rows: string): string => rows.replace(/ +/g, ' ').replace(/-+/g, '-');
  expect(cells(text)).toContain(cells(found));
});
