// The tables in the documentation that a run has made. They stand between two comments, which name the
// run: it compares what it saw with what stands there, or writes it, if it is told so by `--write`.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A Markdown table. @param {string[][]} rows the first is the head */
export function tableOf([head, ...rows]) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * Whether the table `name` of a document is this one; with `--write` it is afterwards.
 * @param {string} file of the checkout
 */
export async function settle(file, name, rows, write = process.argv.includes('--write')) {
  const full = path.join(root, file);
  const text = fs.readFileSync(full, 'utf8');
  const place = new RegExp(`(<!-- ${name}, [^\\n]*-->\\n)[^]*?(\\n<!-- / -->)`);
  if (!place.test(text)) throw new Error(`${file} has no place for the table '${name}'`);
  const next = text.replace(place, (_, before, after) => `${before}\n${tableOf(rows)}\n${after}`);
  const options = { ...(await prettier.resolveConfig(full)), filepath: full };
  const wanted = await prettier.format(next, options);
  if (wanted === text) return true;
  if (write) fs.writeFileSync(full, wanted);
  else console.error(`${file}: the table '${name}' is not what this run saw; --write writes it`);
  return write;
}
