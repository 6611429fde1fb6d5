/** Something to tell apart by colour; what it looks like is `paint`'s concern. */
export type Style = 'heading' | 'strong' | 'warning' | 'faint';

const SGR: Record<Style, string> = { heading: '1', strong: '36', warning: '33', faint: '2' };

export interface Column<Row> {
  title: string;
  text(row: Row): string;
  style?(row: Row): Style | undefined;
  align?: 'right';
}

/** Aligned columns, two blanks apart, one line a row, each line ended by a newline. */
export function table<Row>(columns: Column<Row>[], rows: readonly Row[], color: boolean): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.text(row))));
  // Not Math.max(...): of some 120,000 rows, that is no call any more.
  const widths = columns.map(({ title }, at) =>
    cells.reduce((widest, line) => Math.max(widest, line[at]?.length ?? 0), title.length),
  );
  const line = (texts: string[], style: (column: Column<Row>) => Style | undefined): string =>
    columns
      .map((column, at) => {
        const padded = pad(texts[at] ?? '', widths[at] ?? 0, column.align);
        // Trailing blanks would wrap on a narrow terminal.
        return paint(at === columns.length - 1 ? padded.trimEnd() : padded, style(column), color);
      })
      .join('  ')
      .trimEnd() + '\n';
  const head = line(
    columns.map(({ title }) => title),
    () => 'heading',
  );
  const body = rows.map((row, at) => line(cells[at] ?? [], (column) => column.style?.(row)));
  return head + body.join('');
}

/** `text` in the colours of `style`, or as it is. */
export function paint(text: string, style: Style | undefined, color: boolean): string {
  if (!color || style === undefined || text.trim() === '') return text;
  return `\x1b[${SGR[style]}m${text}\x1b[0m`;
}

/** Names of processes and threads come from anybody: none may steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '?');
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}
