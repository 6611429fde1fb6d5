import fs from 'node:fs';
import path from 'node:path';

const DOCUMENT = path.join(__dirname, '../../docs/libraries.md');

/**
 * Whether docs/libraries.md has this table behind the comment `<!-- NAME -->`; with WRITE_TABLE set it
 * is put there.
 */
export function written(name: string, table: string): boolean {
  const text = fs.readFileSync(DOCUMENT, 'utf8');
  const place = new RegExp(`(<!-- ${name} -->\n\n)((?:\\|.*\n)*)`);
  if (process.env['WRITE_TABLE'] !== undefined) {
    fs.writeFileSync(DOCUMENT, text.replace(place, `$1${table}`));
    return true;
  }
  return cells(place.exec(text)?.[2] ?? '') === cells(table);
}

/** Without what Prettier adds. */
function cells(rows: string): string {
  return rows.replace(/ +/g, ' ').replace(/-+/g, '-');
}
