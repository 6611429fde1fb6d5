// npm run test:doctor: makes each situation of situations.mjs, asks the doctor what will happen, tries it, and compares.
// Prints the matrix of predicted against real, and writes docs/doctor-corpus.md. A wrong certain answer fails it, so does one of
// `sigbridge tree` for whoever else the signal meets, and so does
// a situation that does not come about, or more than a tenth of "cannot be told".
// Arguments choose situations by a part of their names; then no page is written.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as pass } from 'node:timers/promises';
import { fetchRuntimes } from '../../scripts/fetch-runtimes.mjs';
import { Patient } from './patient.mjs';
import { page, matrix } from './page.mjs';
import { situations } from './situations.mjs';
import { tried as wantedRuntimes } from './situations/runtimes.mjs';
import { compared } from './tree.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SIGBRIDGE = path.join(ROOT, 'bin/sigbridge');
/** For what happens, as long as it may take on a loaded machine; for what does not happen, so long. */
const [LONG_MS, SHORT_MS] = [20_000, 1_500];

fetchRuntimes(wantedRuntimes);
const wanted = process.argv.slice(2);
const chosen = situations.filter(
  ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
const results = [];
const queue = chosen.map((situation, index) => ({ situation, index }));
await Promise.all(Array.from({ length: 3 * os.availableParallelism() }, work));

async function work() {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const result = await tried(next.situation).catch((error) => ({ error: error.message }));
    results[next.index] = { ...next.situation, ...result };
    report(results[next.index]);
  }
}

async function tried(situation) {
  const patient = await Patient.start(situation);
  try {
    const pid = await patient.ready();
    for (const signal of situation.before ?? []) await patient.stop(pid, signal);
    const { signal, by } = situation;
    const about = [String(pid), '--signal', signal];
    const [found, tree] = await Promise.all([
      ask('doctor', ...about, '--by', by),
      // No key of any terminal meets one that has none.
      ask('tree', ...about, `--${by}`).catch((error) => {
        if (error.message.includes('no controlling terminal')) return { trees: [] };
        throw error;
      }),
    ]);
    patient.forget();
    if (by === 'key') patient.press(signal);
    else patient.send(pid, signal);
    const until = Date.now() + (situation.really === 'nothing' ? SHORT_MS : LONG_MS);
    let seen = patient.outcome(pid);
    while (seen === 'nothing' && Date.now() < until) {
      await pass(20);
      seen = patient.outcome(pid);
    }
    // What it wrote last may come after its end.
    for (let more = 0; seen === 'ends' && situation.really === 'runs' && more < 500; more++) {
      await pass(20);
      seen = patient.outcome(pid);
    }
    return { found, seen, tree: await compared(tree, found, patient) };
  } finally {
    patient.end();
  }
}

function ask(...argv) {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [SIGBRIDGE, ...argv, '--json'], (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`${argv[0]} says: ${stderr}`));
      else resolve(JSON.parse(stdout));
    });
  });
}

/** What a certain answer says that does not happen. */
function isWrong({ found, seen }) {
  if (found.acts === null) return false;
  if (found.acts !== (seen !== 'nothing')) return true;
  // That it ends, stops or goes on is a promise of its own.
  return ['ends', 'stops'].includes(found.effect) && found.effect !== seen;
}

function report(result) {
  const { name, signal, by, found, seen, really, error, tree } = result;
  const what = `${name}, ${by === 'key' ? 'the key of ' : ''}${signal}`;
  if (error !== undefined) console.log(`ERROR  ${what}: ${error}`);
  else if (seen !== really) console.log(`CHANGED ${what}: really ${seen}, not ${really}`);
  else if (isWrong(result)) console.log(`WRONG  ${what}: really ${seen}; ${found.verdict}`);
  else if (found.acts === null) console.log(`open   ${what}: really ${seen}; ${found.because}`);
  for (const one of tree?.wrong ?? []) console.log(`TREE   ${what}: ${one}`);
}

const made = results.filter(({ error }) => error === undefined);
const failed = results.filter(({ error }) => error !== undefined);
const changed = made.filter(({ seen, really }) => seen !== really);
const wrong = made.filter(isWrong);
const trees = made.flatMap(({ tree }) => tree.wrong);
const open = made.filter(({ found }) => found.acts === null);
console.log(`\n${matrix(made)}`);
console.log(
  `tree: of ${made.reduce((sum, { tree }) => sum + tree.met, 0)} processes that are met ${trees.length} wrong`,
);
console.log(
  `${made.length} situations, ${wrong.length} wrong certain answers, ${open.length} that cannot be told` +
    ` (${Math.round((100 * open.length) / made.length)} %), ${failed.length} not made, ${changed.length} otherwise than written down`,
);
const good =
  failed.length + changed.length + wrong.length + trees.length === 0 &&
  open.length <= made.length / 10;
if (wanted.length === 0 && good)
  fs.writeFileSync(path.join(ROOT, 'docs/doctor-corpus.md'), await page(made));
process.exit(good ? 0 : 1);
