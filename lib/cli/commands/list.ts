import type { DefaultAction, SignalTraits } from '../../base/signal/traits.js';
import { EXIT, UsageError, type Command } from '../Command.js';
import { parse } from '../args.js';
import { table, type Column } from '../../base/text/table.js';

interface Row {
  signal: string;
  number: number;
  defaultAction: DefaultAction;
  traits: SignalTraits;
}

const COLUMNS: Column<Row>[] = [
  { title: 'NUMBER', align: 'right', text: (row) => String(row.number) },
  { title: 'SIGNAL', text: (row) => row.signal, style: () => 'strong' },
  { title: 'DEFAULT', text: (row) => row.defaultAction },
  { title: 'TRAITS', text: (row) => traitsOf(row.traits) },
  { title: 'RESERVED FOR', text: (row) => row.traits.reservedFor ?? '', style: () => 'warning' },
];

/** `sigbridge list`: every signal of this system, those of the C library too. */
export const command: Command = {
  name: 'list',
  summary: 'the signals of this system: numbers, names, default actions, reservations',
  help: `Usage: sigbridge list [--json]

Lists every signal of this system with its number, what it does by default to a
process that has not said otherwise, and what the JavaScript runtime or the C
library needs it for.

Traits: uncatchable (no handler can be set), fault (raised by the faulting
instruction itself), real-time (queued, in order, each with a value).

Options:
  --json      an array of { signal, number, defaultAction, traits }
  -h, --help  this text
`,
  async run(args, io) {
    const { values, positionals } = parse(args, { json: { type: 'boolean' } });
    if (positionals.length > 0) throw new UsageError("'list' takes no arguments.");
    const rows = await readRows();
    io.out(values.json === true ? json(rows) : table(COLUMNS, rows, io.color));
    return EXIT.ok;
  },
};

async function readRows(): Promise<Row[]> {
  const { allSignals, reservedSignals, toName } = await import('../../base/signal/names.js');
  const { defaultAction, traits } = await import('../../base/signal/traits.js');
  return [...allSignals(), ...reservedSignals()]
    .sort((a, b) => a - b)
    .map((number) => ({
      signal: toName(number),
      number,
      defaultAction: defaultAction(number),
      traits: traits(number),
    }));
}

function traitsOf({ catchable, synchronous, realtime }: SignalTraits): string {
  const words = [!catchable && 'uncatchable', synchronous && 'fault', realtime && 'real-time'];
  return words.filter(Boolean).join(', ');
}

function json(rows: Row[]): string {
  return `${JSON.stringify(rows, null, 2)}\n`;
}
