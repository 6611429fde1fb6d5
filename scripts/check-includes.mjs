// Holds the arrows of native/: which folder may include which. `npm run lint` runs it.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The words by which functions that a handler can reach are marked: anybody's. */
const MARKS = 'engine/handler/in_handler.h';

/** What a folder may include beside itself and the marks. */
export const MAY_INCLUDE = {
  'engine/signal': [],
  'engine/handler': ['engine/signal'],
  'engine/control': ['engine/signal', 'engine/handler'],
  loop: ['engine'],
  report: ['engine'],
  script: [],
  watchdog: ['engine', 'report', 'script'],
  dump: ['engine', 'report', 'script'],
  binding: ['engine', 'loop', 'report', 'script', 'watchdog', 'dump'],
  launch: ['engine/signal'],
  preload: [],
};

/** The includes that go where none may go: `file includes target`. */
export function faultsOf(files) {
  return files.flatMap(([file, text]) => {
    const folder = Object.keys(MAY_INCLUDE).find((name) => file.startsWith(`${name}/`));
    if (folder === undefined) return [`${file} stands in no folder that has a rule`];
    const allowed = [folder, MARKS, ...MAY_INCLUDE[folder]];
    return [...text.matchAll(/^#include "([^"]+)"/gm)]
      .map(([, target]) => target)
      .filter(
        (target) => !allowed.some((place) => target === place || target.startsWith(`${place}/`)),
      )
      .map((target) => `${file} includes ${target}; ${folder} may include ${allowed.join(', ')}`);
  });
}

function main() {
  const native = path.join(root, 'native');
  const files = readdirSync(native, { recursive: true })
    .filter((file) => /\.(cc|h)$/.test(file) && !file.startsWith('test/'))
    .map((file) => [file, readFileSync(path.join(native, file), 'utf8')]);
  const faults = faultsOf(files);
  for (const fault of faults) console.error(`native/${fault}`);
  console.log(`${files.length} native files, ${faults.length} includes where none may go`);
  return files.length > 0 && faults.length === 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main() ? 0 : 1;
