import fs from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { kill } from '../support/kill';
import { build, startJob, type Built } from './setup';
import { same, table, type Order, type Result, type Row } from './table';
import { written } from './written';

const rows: Row[] = [];
let built: Built;

beforeAll(() => {
  built = build();
});

afterAll(() => {
  built.remove();
});

interface Library {
  module: RegExp;
  signals: readonly string[];
  /** Of those, which it takes over the default only. */
  overDefaultOnly?: readonly string[];
  /** It can take its handlers away. */
  leaves?: boolean;
}

const LIBRARIES: Record<string, Library> = {
  python: { module: /libpython3\.11/, signals: ['SIGINT', 'SIGPIPE', 'SIGXFSZ'] },
  ncurses: {
    module: /libncursesw/,
    signals: ['SIGINT', 'SIGTERM', 'SIGTSTP', 'SIGWINCH'],
    overDefaultOnly: ['SIGINT', 'SIGTERM', 'SIGTSTP', 'SIGWINCH'],
  },
  readline: {
    module: /libreadline/,
    signals: [
      ...['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGALRM'],
      ...['SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'],
    ],
    // Over a handler with SA_RESTART, which makes reads go on: rl_set_signals says why.
    overDefaultOnly: ['SIGALRM'],
    leaves: true,
  },
  libevent: {
    module: /libevent/,
    signals: ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2', 'SIGWINCH', 'SIGRTMIN+5'],
    leaves: true,
  },
  go: {
    module: /notify\.so/,
    signals: ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR2', 'SIGRTMIN+5'],
    leaves: true,
  },
  jvm: { module: /libjvm/, signals: ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT'] },
};

interface Case extends Library {
  name: string;
  signal: string;
  order: Order;
  standsAside: boolean;
  ignored: boolean;
}

const CASES: Case[] = Object.entries(LIBRARIES).flatMap(([name, library]) =>
  library.signals.flatMap((signal) => {
    const overDefaultOnly = library.overDefaultOnly?.includes(signal) ?? false;
    const orders: Order[] = ['library-first', 'sigbridge-first'];
    if (overDefaultOnly) orders.push('default-between');
    const ignored = signal === 'SIGPIPE' || signal === 'SIGXFSZ';
    return orders.map((order) => {
      const standsAside = overDefaultOnly && order === 'sigbridge-first';
      return { ...library, name, signal, order, ignored, standsAside };
    });
  }),
);

interface Ran {
  result: Result;
  output: string;
  code: number;
}

/** Runs program.js on a terminal, which ncurses opens by itself, and reads what it reports. */
async function run({ name, signal, order }: Case, plan: 'stays' | 'leaves'): Promise<Ran> {
  const report = path.join(built.folder, `${name}-${signal}-${order}-${plan}.json`);
  const terminal = startJob('program.js', [name, signal, order, plan, report], {
    env: built.env,
    quiet: name === 'ncurses',
  });
  if (name === 'jvm' && signal === 'SIGQUIT') {
    // Its dump ends with this line, and the program waits to be told.
    await terminal.waitFor(/JNI global refs/);
    terminal.write('\r');
  }
  const { code } = await terminal.exit;
  const { output } = terminal;
  if (!fs.existsSync(report)) throw new Error(`ended with ${String(code)}:\n${output}`);
  const result = JSON.parse(fs.readFileSync(report, 'utf8')) as Result;
  if (result.error !== undefined) throw new Error(result.error);
  return { result, output, code };
}

const count = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;

/** How often the alternate screen of an xterm was left. */
const restored = (text: string): number => text.split('\x1b[?1049l').length - 1;

/** How often the signal took effect in the library, also where that is seen from outside only. */
function effectOf({ name, signal }: Case, { result, output, code }: Ran): number {
  if (result.counts.effect !== null) return result.counts.effect;
  if (name === 'jvm') return count(output, /Full thread dump/g);
  if (name !== 'ncurses' || !result.handlers.some((module) => module?.includes('curses'))) return 0;
  if (signal === 'SIGTSTP') return count(output, /\[stopped 148\]/g);
  // Its end by curses' own exit code, with the terminal restored.
  return code === 1 ? restored(output) : 0;
}

describe.each(Object.keys(LIBRARIES))('%s', (library) => {
  const cases = CASES.filter(({ name }) => name === library);

  test.each(cases.map((each) => [each.signal, each.order, each] as const))(
    '%s, %s: each is called once, named, and left as it stood',
    async (_signal, order, each) => {
      const ran = await run(each, 'stays');
      const { result } = ran;
      rows.push({ result, effect: effectOf(each, ran) });
      const realtime = each.signal.startsWith('SIGRT');
      const once = { on: 1, processOn: realtime ? null : 1 };
      expect(result.counts).toMatchObject(once);
      expect(result.outOfBounds).toBe('RuntimeError: memory access out of bounds');
      expect(result.outOfBoundsLeft).toBe('RuntimeError: memory access out of bounds');
      expect(result.left).toEqual(expectedOf(result));
      expect(same(result)).toBe(true);
      const displaced = result.displaced?.find(([signal]) => signal === each.signal);
      const others = realtime ? ['sigbridge'] : ['sigbridge', 'libuv'];
      expect(result.chain).toEqual([...others, ...result.handlers.map(() => 'native')]);
      if (each.ignored) {
        expect(result).toMatchObject({ disposition: 'ignore', handlers: [] });
        expect(result.left[0]).toMatchObject({ handler: '0x1' });
        expect(displaced).toEqual(order === 'library-first' ? undefined : [each.signal, null]);
        return;
      }
      if (each.standsAside) {
        // By its own choice it is not there.
        expect([displaced, result.handlers, effectOf(each, ran)]).toEqual([undefined, [], 0]);
        return;
      }
      expect(effectOf(each, ran)).toBe(1);
      if (result.countsAtEnd) expect(result.countsAtEnd).toMatchObject(once);
      expect(result.named).toMatch(each.module);
      expect(result.handlers).toEqual([expect.stringMatching(each.module)]);
      if (order !== 'library-first') {
        expect(displaced).toEqual([each.signal, expect.stringMatching(each.module)]);
      }
    },
  );
});

const LEAVING = CASES.filter(({ leaves, standsAside }) => leaves === true && !standsAside);

test.each(LEAVING.map((each) => [each.name, each.signal, each.order, each] as const))(
  '%s, %s, %s: when it leaves first, all others go on',
  async (_name, _signal, order, each) => {
    const { result } = await run(each, 'leaves');
    const processOn = each.signal.startsWith('SIGRT') ? null : 1;
    expect(result.counts).toEqual({ on: 1, processOn, effect: 1 });
    expect(result.countsLeft).toEqual({ on: 1, processOn, effect: null });
    const ofSignal = result.removed?.filter(([signal]) => signal === each.signal);
    // Over ours, it puts ours back. Before ours, what stood before it: that is noticed.
    expect(ofSignal).toHaveLength(order === 'sigbridge-first' ? 0 : 1);
  },
);

function expectedOf(result: Result): unknown[] {
  const over = new Set(result.displaced?.map(([signal]) => signal));
  return [result.signal, 'SIGSEGV'].map((signal, index) =>
    result.displaced === undefined || over.has(signal) ? result.own[index] : result.before[index],
  );
}

describe('with a deferred bridge JavaScript comes before', () => {
  test.each(['SIGINT', 'SIGTERM'])('curses restores the terminal and ends, %s', async (signal) => {
    const { output, code } = await endBy('ncurses', signal);
    expect(count(output, /JavaScript first, then \S*libncursesw/g)).toBe(1);
    expect(count(output, /process\.on/g)).toBe(1);
    expect(restored(output.slice(output.indexOf('JavaScript first')))).toBe(1);
    expect(output).not.toContain('still here');
    expect(code).toBe(1);
  });

  test.each([
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ])('the JVM calls System.exit, %s', async (signal, number) => {
    const { output, code } = await endBy('jvm', signal);
    expect(count(output, /JavaScript first, then \S*libjvm/g)).toBe(1);
    expect(count(output, /process\.on/g)).toBe(1);
    expect(count(output, /shutdown hook/g)).toBe(1);
    expect(code).toBe(128 + number);
  });
});

/** Sends the signal to ends.js from outside. */
async function endBy(library: string, signal: string): Promise<{ output: string; code: number }> {
  const terminal = startJob('ends.js', [library, signal], { env: built.env });
  await terminal.waitFor(/ready/);
  // The job is the only child of the terminal's shell.
  const children = `/proc/${String(terminal.pid)}/task/${String(terminal.pid)}/children`;
  kill(Number(fs.readFileSync(children, 'utf8')), signal);
  const { code } = await terminal.exit;
  return { output: terminal.output, code };
}

// What readline does in its main loop with a signal that it has noted in its handler: it puts back
// what it found, sends the signal to the process once more, and sets its handlers again.
describe('readline sends a signal again from its main loop', () => {
  // Not SIGALRM, see above.
  const AT_HOME = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGTSTP', 'SIGTTIN'];
  // readline 8.2 blocks it on its own thread: another one gets it, maybe only when readline's handler
  // stands again, which notes it once more.
  const ELSEWHERE = 'SIGTTOU';
  const SIGNALS = [...AT_HOME, ELSEWHERE];

  interface Round {
    noted: number;
    /** `on`, `process.on`, the program's own handler in C, which stood before all. */
    before: [number, number, number];
    after: [number, number, number];
    displaced: boolean;
  }

  async function rounds(signal: string, order: string): Promise<Round[]> {
    const report = path.join(built.folder, `${signal}-${order}-resend.json`);
    const terminal = startJob('resend.js', [signal, order, report], { env: built.env });
    await terminal.exit;
    return JSON.parse(fs.readFileSync(report, 'utf8')) as Round[];
  }

  test.each(SIGNALS)('library first, %s: everybody is called once', async (signal) => {
    // Its putting back takes ours away: reclaimed after each.
    expect(await rounds(signal, 'library-first')).toEqual([
      { noted: 1, before: [1, 1, 0], after: [1, 1, 1], displaced: true },
      { noted: 1, before: [2, 2, 1], after: [2, 2, 2], displaced: true },
    ]);
  });

  test.each(SIGNALS)(
    'over sigbridge, and left there, %s: everybody is called once',
    async (signal) => {
      expect(await rounds(signal, 'sigbridge-first')).toEqual([
        { noted: 1, before: [0, 0, 0], after: [1, 1, 1], displaced: true },
        { noted: 1, before: [1, 1, 1], after: [2, 2, 2], displaced: true },
      ]);
    },
  );

  test.each(AT_HOME)(
    'over sigbridge, and reclaimed, %s: everybody is called once',
    async (signal) => {
      expect(await rounds(signal, 'reclaimed')).toEqual([
        { noted: 1, before: [1, 1, 0], after: [1, 1, 1], displaced: true },
        { noted: 1, before: [2, 2, 1], after: [2, 2, 2], displaced: true },
      ]);
    },
  );

  // The limit: the thread that takes it is not the one that has sent it.
  test('over sigbridge, and reclaimed, SIGTTOU: JavaScript may hear both', async () => {
    for (const { noted, before, after } of await rounds(ELSEWHERE, 'reclaimed')) {
      const [on, processOn, inC] = after.map((count, index) => count - (before[index] ?? 0));
      expect([noted, inC]).toEqual([1, 1]);
      expect([0, 1]).toContain(on);
      expect(processOn).toBe(on);
    }
  });

  test.each(['library-first', 'sigbridge-first', 'reclaimed'])(
    '%s, SIGWINCH, which it hands on in its handler: everybody is called once',
    async (order) => {
      const displaced = order === 'sigbridge-first';
      expect(await rounds('SIGWINCH', order)).toEqual([
        { noted: 1, before: [1, 1, 1], after: [1, 1, 1], displaced },
        { noted: 1, before: [2, 2, 2], after: [2, 2, 2], displaced },
      ]);
    },
  );
});

test('docs/libraries.md has the table of this run', () => {
  expect(written('libraries', table(rows))).toBe(true);
});
