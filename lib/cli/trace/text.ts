import { paint, printable, table, type Column } from '../../base/text/table.js';
import type { Change, Ownership, Trace, TracedProcess } from './model.js';
import { placeText, processText, stateText, subjectText } from './words.js';

interface Numbered {
  change: Change;
  trace: Trace;
}

const CHANGES: Column<Numbered>[] = [
  {
    title: 'MS',
    align: 'right',
    text: ({ change }) => change.time.toFixed(3),
    style: () => 'faint',
  },
  { title: 'THREAD', align: 'right', text: ({ change }) => threadText(change) },
  { title: 'CALL', text: ({ change }) => change.call },
  { title: 'SIGNAL', text: ({ change }) => subjectText(change), style: () => 'strong' },
  { title: 'FROM', text: ({ change }) => stateText(change, 'from') },
  { title: 'TO', text: ({ change }) => stateText(change, 'to') },
  { title: 'WHO', text: ({ change }) => (change.who === null ? '?' : placeText(change.who)) },
];

const OWNERS: Column<{ row: Ownership; trace: Trace }>[] = [
  { title: 'SIGNAL', text: ({ row }) => row.signal, style: () => 'strong' },
  {
    title: 'OWNER',
    text: ({ row }) => (row.owner === null ? `nobody: ${row.disposition}` : placeText(row.owner)),
    style: ({ row }) => (row.disposition === 'ignore' ? 'warning' : undefined),
  },
  { title: 'SET BY', text: setBy },
];

/**
 * A trace for people: each change a line, then who owns each signal, then warnings.
 * @param all also the calls that left all as it was
 */
export function textOf(trace: Trace, all: boolean, color: boolean): string {
  return [
    changesText(trace, all, color),
    ...ownersText(trace, color),
    ...trace.warnings.map(
      ({ rule, message }) =>
        `${paint(`warning: ${rule}`, 'warning', color)}\n  ${printable(message)}\n`,
    ),
    ...notesText(trace),
  ].join('\n');
}

function changesText(trace: Trace, all: boolean, color: boolean): string {
  const rows = trace.changes.filter(({ changed }) => all || changed);
  if (rows.length === 0) return 'Nothing was changed.\n';
  const lines = table(
    CHANGES,
    rows.map((change) => ({ change, trace })),
    color,
  ).split('\n');
  return rows
    .reduce(
      (text, { script }, index) => {
        text.push(lines[index + 1] ?? '');
        for (const frame of script ?? []) text.push(`    at ${printable(frame)}`);
        return text;
      },
      [lines[0] ?? ''],
    )
    .join('\n')
    .concat('\n');
}

function ownersText(trace: Trace, color: boolean): string[] {
  return trace.processes.flatMap((process, index) => {
    if (hasBecomeAnother(process, trace)) return [];
    const rows = trace.owners.filter((row) => row.process === index);
    if (rows.length === 0) return [];
    const title = paint(`Signals of process ${printable(processText(process))}`, 'heading', color);
    return [
      `${title}\n${table(
        OWNERS,
        rows.map((row) => ({ row, trace })),
        color,
      )}`,
    ];
  });
}

// A child between fork and exec owns nothing that stays.
function hasBecomeAnother({ how, pid, time }: TracedProcess, { processes }: Trace): boolean {
  if (how !== 'fork') return false;
  return processes.some((other) => other.pid === pid && other.how === 'exec' && other.time >= time);
}

function notesText({ notes, dropped }: Trace): string[] {
  const lost = dropped === 0 ? [] : [`${dropped} changes found no room in the record.`];
  return [...notes, ...lost].map((note) => `note: ${printable(note)}\n`);
}

function threadText({ pid, tid }: Change): string {
  return pid === tid ? String(pid) : `${pid}/${tid}`;
}

function setBy({ row, trace }: { row: Ownership; trace: Trace }): string {
  const change = row.change === null ? undefined : trace.changes[row.change];
  if (change === undefined) return 'was so at its start';
  const who = change.who === null ? '?' : placeText(change.who);
  return `${who}, ${change.call} at ${change.time.toFixed(3)}`;
}
