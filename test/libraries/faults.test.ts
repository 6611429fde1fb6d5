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

/** How often each runtime came through its own fault, and by how many signals. */
type Met = Record<string, [came: number, signals: number]>;

interface Bridged {
  chain: string[];
  bridged: Met;
  /** The actions of all fault signals, field by field, once the counter had gone. */
  back: boolean;
  overflows: number;
  standstills: number;
  again: Met;
}

const TIMES = 3;
const WHAT = {
  webAssembly: 'WebAssembly: access out of bounds',
  javaNull: 'Java: `NullPointerException`',
  javaNullElsewhere: 'the same, on a thread of its own',
  javaDivision: 'Java: `ArithmeticException`, division by zero',
  goNil: 'Go: recovered panic, nil dereferenced',
  goNilElsewhere: 'the same, in a goroutine',
};

const all = (signals: number): Met =>
  Object.fromEntries(Object.keys(WHAT).map((name) => [name, [TIMES, signals]]));

const found: { steps: readonly string[]; result: Bridged }[] = [];

test.each([
  [
    ['bridge', 'jvm', 'go'],
    ['notify.so', 'node'],
  ],
  [
    ['jvm', 'bridge', 'go'],
    ['notify.so', 'libjvm.so'],
  ],
  [['jvm', 'go', 'bridge'], ['notify.so']],
  [
    ['bridge', 'go', 'jvm'],
    ['libjvm.so', 'node'],
  ],
  [
    ['go', 'bridge', 'jvm'],
    ['libjvm.so', 'notify.so'],
  ],
  [['go', 'jvm', 'bridge'], ['libjvm.so']],
])('%j: each runtime meets its faults', (steps, chain) => {
  const { lines, ...ended } = run(steps);
  const [first = '', owners = '', ...left] = lines;
  const result = JSON.parse(first) as Bridged;
  found.push({ steps, result });
  expect(result.chain.map((name) => (name.startsWith('node') ? 'node' : name))).toEqual(chain);
  // One SIGSEGV or SIGFPE each, which came by the whole chain.
  expect(result.bridged).toEqual(all(TIMES));
  expect(result.back).toBe(true);
  expect([result.overflows, result.standstills]).toEqual([TIMES, TIMES]);
  expect(result.again).toEqual(all(0));
  expect(JSON.parse(owners)).toEqual(['native', 'native', 'native', 'native', null]);
  // With no sigbridge above them any more, all is as it is without it.
  expect({ ...ended, lines: left }).toEqual(WITHOUT[goesLast(steps) ? 'goLast' : 'jvmLast']);
});

test.each([[['jvm', 'go']], [['go', 'jvm']]])('%j without sigbridge', (steps) => {
  expect(run(steps)).toEqual(WITHOUT[goesLast(steps) ? 'goLast' : 'jvmLast']);
});

interface Ended {
  lines: string[];
  /** Go says that its fault was handled on the wrong stack. */
  wrongStack: boolean;
  by: number | string | null;
}

// Go survives its faults only if it came after the JVM. It aborts.
const WITHOUT: Record<'goLast' | 'jvmLast', Ended> = {
  goLast: { lines: [JSON.stringify(all(0))], wrongStack: false, by: 0 },
  jvmLast: { lines: [], wrongStack: true, by: 'SIGABRT' },
};

function goesLast(steps: readonly string[]): boolean {
  return steps.indexOf('jvm') < steps.indexOf('go');
}

function run(steps: readonly string[]): Ended {
  const argv = [path.join(__dirname, 'faults.js'), ...steps];
  const env = { ...process.env, ...built.env };
  const result = spawnSync(process.execPath, argv, { env, encoding: 'utf8' });
  const { stdout, stderr, status, signal } = result;
  const wrongStack = stderr.includes('non-Go code set up signal handler without SA_ONSTACK flag');
  return { lines: stdout.split('\n').slice(0, -1), wrongStack, by: signal ?? status };
}

test('docs/libraries.md has the table of this run', () => {
  const head = ['fault', ...found.map(({ steps }) => steps.map((step) => NAMES[step]).join(', '))];
  const rows = Object.entries(WHAT).map(([name, title]) => [
    title,
    ...found.map(({ result }) => of(result.bridged[name]?.[0] ?? 0)),
  ]);
  rows.push(
    ['Java: `StackOverflowError`', ...found.map(({ result }) => of(result.overflows))],
    ['Java: standstill for the collector', ...found.map(({ result }) => of(result.standstills))],
  );
  expect(written('faults', lines([head, head.map(() => '---'), ...rows]))).toBe(true);
});

const NAMES: Record<string, string> = { bridge: 'sigbridge', jvm: 'JVM', go: 'Go' };

function of(came: number): string {
  return `${String(came)} of ${String(TIMES)}`;
}
