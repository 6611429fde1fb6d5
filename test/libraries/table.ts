/** How the library and sigbridge came to the signal. */
export type Order = 'library-first' | 'sigbridge-first' | 'default-between';

/** How often each has heard one signal; `null`: it cannot, or the test looks from outside. */
interface Counts {
  on: number;
  processOn: number | null;
  effect: number | null;
}

/** What program.js reports. */
export interface Result {
  library: string;
  order: Order;
  signal: string;
  disposition: string;
  /** The module that `inspect` names. */
  named: string | undefined;
  displaced: [signal: string, module: string | null][] | undefined;
  handlers: (string | null)[];
  faults: (string | null)[];
  chain: string[];
  counts: Counts;
  /** The same once more, where the effect is the end of the process. */
  countsAtEnd?: Counts;
  /** In the plan 'leaves': what is displaced when the library has left, and who hears then. */
  removed?: [signal: string, module: string | null][];
  countsLeft?: Counts;
  before: unknown[];
  own: unknown[];
  left: unknown[];
  outOfBounds: string;
  outOfBoundsLeft: string;
  error?: string;
}

const TITLES: Record<string, string> = {
  python: 'Python, `Py_Initialize`',
  ncurses: 'ncursesw, `newterm`',
  readline: 'GNU readline, `rl_set_signals`',
  libevent: 'libevent, `evsignal_new`',
  go: 'Go, `signal.Notify` in a c-shared library',
  jvm: 'the JVM, `JNI_CreateJavaVM`',
};

const ORDERS: Record<Order, string> = {
  'library-first': 'library first',
  'sigbridge-first': 'sigbridge first',
  'default-between': 'sigbridge first, then the default',
};

/** One row of docs/libraries.md: what was seen, the effect of the library included. */
export interface Row {
  result: Result;
  effect: number;
}

/** The table of docs/libraries.md. */
export function table(rows: readonly Row[]): string {
  const head = [
    'library',
    'signal',
    'order',
    'shown by sigbridge',
    '`on`, `process.on`',
    'effect in the library',
    'after the last close',
  ];
  const cells = rows.map(({ result, effect }) => [
    TITLES[result.library] ?? result.library,
    `\`${result.signal}\``,
    ORDERS[result.order],
    standing(result),
    heard(result),
    result.disposition === 'ignore' ? 'ignored' : times(effect),
    same(result) ? 'as it stood' : 'changed',
  ]);
  return lines([head, head.map(() => '---'), ...cells]);
}

export function lines(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `| ${row.join(' | ')} |\n`).join('');
}

/** Whether the kernel holds again, field by field, what it should, of the signal and of SIGSEGV. */
export function same(result: Result): boolean {
  return JSON.stringify(result.left) === JSON.stringify(expectedLeft(result));
}

// What the library has set; where it has set nothing over ours, what stood before us.
function expectedLeft({ signal, displaced, own, before }: Result): unknown[] {
  if (displaced === undefined) return own;
  const over = new Set(displaced.map(([each]) => each));
  return [signal, 'SIGSEGV'].map((each, index) => (over.has(each) ? own : before)[index]);
}

function standing(result: Result): string {
  const { disposition, displaced, order } = result;
  if (disposition === 'ignore') {
    return order === 'library-first' ? 'ignored' : 'ignored, taken back';
  }
  if (displaced?.every(([signal]) => signal !== result.signal) === true) return 'sigbridge alone';
  const name = `\`${result.named?.split('/').pop() ?? '?'}\``;
  return order === 'library-first' ? name : `${name} over it, taken into the chain`;
}

function heard({ counts: { on, processOn } }: Result): string {
  return `${times(on)}, ${processOn === null ? 'none can' : times(processOn)}`;
}

export function times(count: number): string {
  if (count === 0) return 'none';
  return count === 1 ? 'once' : `${String(count)} times`;
}
