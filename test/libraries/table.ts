/** What program.js reports. */
export interface Result {
  library: string;
  order: 'library-first' | 'sigbridge-first';
  signal: string;
  standsAside: boolean;
  /** The module that `inspect` names. */
  named: string | undefined;
  displaced: [signal: string, module: string | undefined][] | undefined;
  /** How often the signal took effect in the library; `null` where the test looks from outside. */
  effect: number | null;
  counts: { on: number; processOn: number };
  faults: (string | null)[];
  chain: [owner: string, module: string | null][];
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

/** The table of docs/libraries.md. */
export function table(results: readonly Result[]): string {
  const rows = results.map((result) => [
    TITLES[result.library] ?? result.library,
    result.order === 'library-first' ? 'library first' : 'sigbridge first',
    `\`${result.signal}\``,
    standing(result),
    `${times(result.counts.on)}, ${times(result.counts.processOn)}`,
    result.effect === 0 ? 'none' : times(result.effect ?? 1),
    same(result) ? 'as it stood' : 'changed',
  ]);
  const head = [
    'library',
    'order',
    'signal',
    'shown by sigbridge',
    '`on`, `process.on`',
    'effect in the library',
    'after the last close',
  ];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

/** Whether the kernel holds again, field by field, what it should, of the signal and of SIGSEGV. */
export function same(result: Result): boolean {
  const expected = [result.signal, 'SIGSEGV'].map((signal, index) => {
    const over = result.displaced?.some(([displaced]) => displaced === signal);
    // Where the library has set nothing over ours, what stood before us.
    return over === false ? result.before[index] : result.own[index];
  });
  return JSON.stringify(result.left) === JSON.stringify(expected);
}

function standing(result: Result): string {
  const aside = result.standsAside && result.order === 'sigbridge-first';
  if (aside) return 'sigbridge: the library takes it over the default only';
  const name = `\`${result.named?.split('/').pop() ?? '?'}\``;
  return result.order === 'library-first' ? name : `${name} over it, taken into the chain`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}
