import type { ProcessSignals } from '../../core/look/process.js';
import { EXIT, UsageError, type Command } from '../Command.js';
import { parse, parsePid } from '../args.js';
import { paint, printable, table, type Column } from '../../base/text/table.js';

interface Row {
  signal: string;
  disposition: 'default' | 'ignored' | 'caught';
  /** Which threads block it, in words. */
  blocked: string;
  /** Where it waits, in words. */
  pending: string;
}

const COLUMNS: Column<Row>[] = [
  { title: 'SIGNAL', text: (row) => row.signal, style: () => 'strong' },
  {
    title: 'DISPOSITION',
    text: (row) => row.disposition,
    style: ({ disposition }) =>
      disposition === 'ignored' ? 'warning' : disposition === 'default' ? 'faint' : undefined,
  },
  { title: 'BLOCKED IN', text: (row) => row.blocked },
  { title: 'PENDING FOR', text: (row) => row.pending, style: () => 'warning' },
];

/** `sigbridge inspect`: another process, as {@link ProcessSignals} has it, for people. */
export const command: Command = {
  name: 'inspect',
  summary: 'what a process ignores, catches and blocks, and what is pending for it',
  help: `Usage: sigbridge inspect [pid] [--all] [--json]

Shows what a process ignores, catches and blocks in which of its threads, and
which signals are pending for it. Nothing is asked of the process itself.
Without a pid: the process that ran this command, usually the shell.

Options:
  --all       signals too about which there is nothing to say
  --json      { pid, command, ignored, caught, queue: { used, limit },
              shared: { pending }, threads: [{ tid, name, blocked, pending }] }
  -h, --help  this text
`,
  async run(args, io) {
    const { values, positionals } = parse(args, {
      json: { type: 'boolean' },
      all: { type: 'boolean' },
    });
    const [pid, ...more] = positionals;
    if (more.length > 0) throw new UsageError("'inspect' takes one pid.");
    const { readProcess } = await import('../../core/look/process.js');
    const found = readProcess(pid === undefined ? process.ppid : parsePid(pid));
    if (values.json === true) {
      io.out(`${JSON.stringify(found, null, 2)}\n`);
      return EXIT.ok;
    }
    if (pid === undefined) io.out('No pid given: this is the process that ran this command.\n');
    io.out(header(found, io.color));
    io.out(await body(found, values.all === true, io.color));
    return EXIT.ok;
  },
};

function header({ pid, command, threads, queue }: ProcessSignals, color: boolean): string {
  const count = `${threads.length} thread${threads.length === 1 ? '' : 's'}`;
  const queued = `${queue.used} of ${queue.limit} signals queued for its user`;
  return `${paint(String(pid), 'heading', color)}  ${printable(command)}\n${count}, ${queued}\n\n`;
}

async function body(found: ProcessSignals, all: boolean, color: boolean): Promise<string> {
  const { allSignals, reservedSignals, toName } = await import('../../base/signal/names.js');
  const rows = [...allSignals(), ...reservedSignals()]
    .sort((a, b) => a - b)
    .map((number) => rowOf(toName(number), found));
  const shown = all ? rows : rows.filter(isNotable);
  if (shown.length === 0) return 'Every signal has its default disposition; none is blocked.\n';
  return table(COLUMNS, shown, color);
}

function rowOf(signal: string, { ignored, caught, shared, threads }: ProcessSignals): Row {
  const tids = threads.map(({ tid }) => tid);
  const blocking = threads.filter(({ blocked }) => blocked.includes(signal));
  const waiting = threads.filter(({ pending }) => pending.includes(signal));
  return {
    signal,
    disposition: ignored.includes(signal)
      ? 'ignored'
      : caught.includes(signal)
        ? 'caught'
        : 'default',
    blocked: threadsInWords(
      blocking.map(({ tid }) => tid),
      tids,
    ),
    pending: [
      ...(shared.pending.includes(signal) ? ['the process'] : []),
      ...waiting.map(({ tid }) => `thread ${tid}`),
    ].join(', '),
  };
}

function isNotable({ disposition, blocked, pending }: Row): boolean {
  return disposition !== 'default' || blocked !== '' || pending !== '';
}

const MANY = 6;

/** Servers have dozens of threads, of which all, or all but the main one, mostly do the same. */
function threadsInWords(some: number[], all: number[]): string {
  if (some.length === 0) return '';
  if (some.length === all.length) return all.length === 1 ? 'its thread' : 'all threads';
  const others = all.filter((tid) => !some.includes(tid));
  if (others.length < some.length) return `all but ${listed(others)}`;
  return listed(some);
}

function listed(tids: number[]): string {
  const first = tids.slice(0, MANY).join(', ');
  return tids.length > MANY ? `${first} and ${tids.length - MANY} more` : first;
}
