// A trace as JSON, as JSON.stringify(trace, null, 2) writes it and JSON.parse reads it, but in pieces: a million changes
// are more than one string may hold (512 MB), and take seconds, of which a terminal is told how many are left.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { parseChunked } from '@discoveryjs/json-ext';
import type { Trace } from './model.js';
import type { Progress } from './Progress.js';

const CHANGES_AT_ONCE = 1024;
const BYTES_AT_ONCE = 1 << 20;
const [BEFORE, AFTER] = ['{\n  "changes": [', '\n  ]\n}'];
// As it is between line ends, no string holds it: there they are \n.
const NONE = '\n  "changes": []';

export function* jsonOf(trace: Trace, progress: Progress): Generator<string> {
  const { changes } = trace;
  const [before = '', after = ''] = JSON.stringify({ ...trace, changes: [] }, null, 2).split(NONE);
  yield `${before}${NONE.slice(0, -1)}`;
  for (let at = 0; at < changes.length; at += CHANGES_AT_ONCE) {
    progress.at('Writing the changes', at / changes.length);
    const piece = { changes: changes.slice(at, at + CHANGES_AT_ONCE) };
    const text = JSON.stringify(piece, null, 2).slice(BEFORE.length, -AFTER.length);
    yield at === 0 ? text : `,${text}`;
  }
  yield `${changes.length === 0 ? '' : '\n  '}]${after}\n`;
}

/** @throws SyntaxError, and the system's error where the file cannot be read */
export async function parseJson(file: string, progress: Progress): Promise<unknown> {
  const descriptor = openSync(file, 'r');
  try {
    return await parseChunked(pieces(descriptor, progress));
  } finally {
    closeSync(descriptor);
  }
}

function* pieces(file: number, progress: Progress): Generator<Buffer> {
  const { size } = fstatSync(file);
  for (let at = 0; ;) {
    const piece = Buffer.alloc(BYTES_AT_ONCE);
    const length = readSync(file, piece);
    if (length === 0) return;
    // A pipe has no size.
    if (size > 0) progress.at('Reading the record', Math.min(at / size, 1));
    at += length;
    yield piece.subarray(0, length);
  }
}
