// Who sent how many to whom. Bounded: after the first thousand pairs, further ones are counted together.
import { table, type Column } from '../../base/text/table.js';
import type { Arrival, Outcome } from './Arrival.js';
import { personText } from './text.js';

const MOST_ROWS = 1000;
const SHOWN = 40;

/** @internal */
export interface SummaryRow {
  signal: string;
  from: string;
  to: string;
  count: number;
  outcomes: Partial<Record<Outcome, number>>;
}

const COLUMNS: Column<SummaryRow>[] = [
  { title: 'COUNT', align: 'right', text: ({ count }) => String(count) },
  { title: 'SIGNAL', text: ({ signal }) => signal, style: () => 'strong' },
  { title: 'FROM', text: ({ from }) => from },
  { title: 'TO', text: ({ to }) => to },
  { title: 'BECAME OF IT', text: outcomesText },
];

/** @internal */
export class Summary {
  readonly #rows = new Map<string, SummaryRow>();
  readonly #told = new Map<number, [SummaryRow, Outcome]>();
  count = 0;

  add(arrival: Arrival): void {
    const { id, outcome } = arrival;
    if (outcome === null) return;
    const before = this.#told.get(id);
    if (before !== undefined) {
      const [row, was] = before;
      row.outcomes[was] = (row.outcomes[was] ?? 1) - 1;
      row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
      this.#told.delete(id);
      return;
    }
    this.count++;
    const row = this.#rowOf(arrival);
    row.count++;
    row.outcomes[outcome] = (row.outcomes[outcome] ?? 0) + 1;
    if (outcome === 'pending') this.#told.set(id, [row, outcome]);
  }

  #rowOf(arrival: Arrival): SummaryRow {
    const { signal, sender, target } = arrival;
    const key = `${signal} ${sender?.pid ?? 'kernel'} ${target.pid}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const full = this.#rows.size >= MOST_ROWS;
    const row: SummaryRow = {
      signal: full ? 'others' : signal,
      from: full ? '' : sender === null ? 'the kernel' : personText(sender),
      to: full ? '' : personText(target),
      count: 0,
      outcomes: {},
    };
    const place = full ? 'others' : key;
    const there = this.#rows.get(place);
    if (there !== undefined) return there;
    this.#rows.set(place, row);
    return row;
  }

  /** The most frequent first. */
  get rows(): SummaryRow[] {
    return [...this.#rows.values()].sort((a, b) => b.count - a.count);
  }

  text(color: boolean): string {
    if (this.count === 0) return 'No signal was seen.\n';
    const { rows } = this;
    const more = rows.length > SHOWN ? `… and ${rows.length - SHOWN} rows more\n` : '';
    return table(COLUMNS, rows.slice(0, SHOWN), color) + more;
  }
}

function outcomesText({ outcomes }: SummaryRow): string {
  return Object.entries(outcomes)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ');
}
