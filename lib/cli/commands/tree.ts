import { paint, printable, table, type Column } from '../../base/text/table.js';
import { shortCommand } from '../../base/text/shortened.js';
import { SignalError } from '../../base/errors/SignalError.js';
import type { Branch, Target, Tree } from '../doctor/index.js';
import { EXIT, UsageError, type Command } from '../Command.js';
import { parse, parsePid, parseSignal } from '../args.js';

/** `sigbridge tree`: the processes that a key or a kill would meet, and what each would do. */
export const command: Command = {
  name: 'tree',
  summary: 'which processes Ctrl+C, or any other signal, would meet, and what each would do',
  help: `Usage: sigbridge tree [pid|terminal] [--signal SIGINT] [--key|--kill] [--group] [--json]

Shows the processes that a key or a kill would meet, as a tree: its process
group (with a + where that is in the foreground), how it stands to the signal, and
what it would do. Nothing is sent, and nothing is asked of the processes.
With a pid: for a key all processes of its terminal, for kill(2) the process and
all below it. With a terminal, such as /dev/pts/3: all processes of it.
Without: this terminal.

Options:
  --signal s  the signal, by name or number; default SIGINT
  --key       by the key of the terminal that sends the signal (Ctrl+C); default
              for SIGINT, SIGQUIT, SIGTSTP where there is a terminal
  --kill      by kill(2) of the process alone
  --group     by kill(2) of its whole process group: kill -- -PGID
  --json      { signal, number, by, terminal, foreground, trees: [{ pid, command,
              group, session, foreground, disposition, blocked, reached, acts,
              effect, because, children: [...] }] }
  -h, --help  this text

Exit codes: 0 the signal will act on all that it reaches, 1 on one of them it will
not, 3 of one that cannot be told, 2 wrong usage, or nothing to look at.
`,
  async run(args, io) {
    const { values, positionals } = parse(args, {
      json: { type: 'boolean' },
      signal: { type: 'string' },
      key: { type: 'boolean' },
      kill: { type: 'boolean' },
      group: { type: 'boolean' },
    });
    const [which, ...more] = positionals;
    if (more.length > 0) throw new UsageError("'tree' takes one pid, or one terminal.");
    const { key = false, kill = false, group = false } = values;
    if (key && (kill || group))
      throw new UsageError('--key is one way, --kill and --group are another.');
    const by = key ? { by: 'key' as const } : kill || group ? { by: 'kill' as const } : {};
    const signal = parseSignal(values.signal ?? 'SIGINT');
    const { toNumber } = await import('../../base/signal/names.js');
    toNumber(signal); // bad usage, before anything is found to be unreadable
    const target = targetOf(which);
    const { growTree } = await import('../doctor/index.js');
    let tree: Tree;
    try {
      tree = await growTree(target, { signal, group, ...by });
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (!(error instanceof SignalError) && code !== 'ENOENT' && code !== 'ESRCH') throw error;
      const gone = error instanceof SignalError ? error.message : `There is no process ${which}.`;
      io.err(`sigbridge: ${gone}\n`);
      return EXIT.unreadable;
    }
    io.out(values.json === true ? `${JSON.stringify(tree, null, 2)}\n` : report(tree, io.color));
    return exitCode(tree);
  },
};

function targetOf(which: string | undefined): Target {
  if (which === undefined) return { pid: process.pid };
  if (which.startsWith('/')) return { terminal: which };
  if (/^(pts\/\d+|tty\w+)$/.test(which)) return { terminal: `/dev/${which}` };
  return { pid: parsePid(which) };
}

function exitCode({ trees }: Tree): number {
  const reached = all(trees).filter((one) => one.reached);
  if (reached.some(({ acts }) => acts === false)) return EXIT.refused;
  return reached.some(({ acts }) => acts === null) ? EXIT.unknown : EXIT.ok;
}

function all(trees: readonly Branch[]): Branch[] {
  return trees.flatMap((one) => [one, ...all(one.children)]);
}

interface Row {
  branch: Branch;
  /** The lines that lead to it. */
  lines: string;
}

function report(tree: Tree, color: boolean): string {
  const rows = tree.trees.flatMap((one) => rowsOf(one, '', ''));
  return `${paint(printable(summary(tree)), 'heading', color)}\n\n${table(columns(tree.signal), rows, color)}`;
}

function rowsOf(branch: Branch, lines: string, next: string): Row[] {
  const last = branch.children.length - 1;
  const below = branch.children.flatMap((child, at) =>
    rowsOf(child, `${next}${at === last ? '└─ ' : '├─ '}`, `${next}${at === last ? '   ' : '│  '}`),
  );
  return [{ branch, lines }, ...below];
}

function columns(signal: string): Column<Row>[] {
  return [
    {
      title: 'PROCESS',
      text: ({ branch, lines }) => `${lines}${branch.pid} ${shortCommand(branch.command)}`,
      style: ({ branch }) => (branch.reached ? 'strong' : 'faint'),
    },
    {
      title: 'GROUP',
      text: ({ branch: { group, foreground } }) => `${group}${foreground ? '+' : ''}`,
    },
    { title: signal, text: ({ branch }) => stands(branch) },
    {
      title: 'WHAT IT WOULD DO',
      text: ({ branch }) => wouldDo(branch),
      style: ({ branch: { reached, acts } }) =>
        !reached ? 'faint' : acts === true ? undefined : 'warning',
    },
  ];
}

function stands({ disposition, blocked }: Branch): string {
  if (disposition === null) return '?';
  return blocked === true ? `${disposition}, blocked` : disposition;
}

const WORDS = {
  ends: 'ends',
  stops: 'stops',
  continues: 'goes on where it was stopped',
  runs: 'runs its handler',
} as const;

function wouldDo({ reached, effect, because }: Branch): string {
  if (!reached) return `is not met: ${because}`;
  if (effect === 'nothing') return `goes on: ${because}`;
  return effect === 'unknown' ? `cannot be told: ${because}` : WORDS[effect];
}

/** Such as `Ctrl+C (SIGINT) on /dev/pts/3: ends 3, goes on 1 (1234 sleep 600: SIGINT is ignored)`. */
function summary({ signal, by, terminal, trees }: Tree): string {
  const reached = all(trees).filter((one) => one.reached);
  const others = all(trees).length - reached.length;
  const where = by === 'key' ? `${keyName(signal)} (${signal}) on ${terminal}` : signal;
  const parts = [
    count(reached, 'ends', 'ends'),
    count(reached, 'stops', 'stops'),
    count(reached, 'continues', 'continues'),
    count(reached, 'runs', 'runs the handler of'),
    named(reached, 'nothing', 'goes on'),
    named(reached, 'unknown', 'cannot be told of'),
    others === 0 ? [] : [`does not reach ${others}`],
  ].flat();
  return `${where}: ${parts.length === 0 ? 'reaches nobody' : parts.join(', ')}`;
}

function count(branches: readonly Branch[], wanted: Branch['effect'], words: string): string[] {
  const found = branches.filter(({ effect }) => effect === wanted);
  return found.length === 0 ? [] : [`${words} ${found.length}`];
}

/** Who that is, and why, of the first few. */
function named(branches: readonly Branch[], wanted: Branch['effect'], words: string): string[] {
  const found = branches.filter(({ effect }) => effect === wanted);
  if (found.length === 0) return [];
  const first = found
    .slice(0, 3)
    .map((one) => `${one.pid} ${shortCommand(one.command)}: ${one.because}`);
  const more = found.length > 3 ? ['…'] : [];
  return [`${words} ${found.length} (${[...first, ...more].join('; ')})`];
}

const KEYS: Record<string, string> = { SIGINT: 'Ctrl+C', SIGQUIT: 'Ctrl+\\', SIGTSTP: 'Ctrl+Z' };

function keyName(signal: string): string {
  return KEYS[signal] ?? 'a key';
}
