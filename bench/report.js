'use strict';

// The page of plots from a result of bench/run.js:
// node bench/report.js [--run] [--from result.json] [--to folder]
// Without --from, the newest in bench/results; with --run, of a run that is made first.
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { parseArgs } = require('node:util');
const prettier = require('prettier');
const { page } = require('./report/page');
const { sections } = require('./report/sections');
const { toSvg } = require('./report/svg');

const RESULTS = path.join(__dirname, 'results');
const DOCS = path.join(__dirname, '..', 'docs');

async function main() {
  const { values } = parseArgs({
    options: {
      run: { type: 'boolean', default: false },
      from: { type: 'string' },
      to: { type: 'string', default: DOCS },
    },
  });
  if (values.run)
    execFileSync(process.execPath, [path.join(__dirname, 'run.js')], { stdio: 'inherit' });
  const result = JSON.parse(readFileSync(values.from ?? newest(), 'utf8'));
  const folder = path.join(values.to, 'benchmark');
  mkdirSync(folder, { recursive: true });

  const all = sections(result);
  for (const { plot } of all) {
    if (plot !== undefined) {
      writeFileSync(path.join(folder, `${plot.name}.svg`), `${await toSvg(plot.spec)}\n`);
    }
  }
  await write(path.join(folder, 'result.json'), JSON.stringify(result));
  await write(path.join(values.to, 'benchmark.md'), page(result, all));
}

/** As Prettier would leave it. */
async function write(file, text) {
  const style = await prettier.resolveConfig(__filename);
  writeFileSync(file, await prettier.format(text, { ...style, filepath: file }));
}

function newest() {
  const files = existsSync(RESULTS) ? readdirSync(RESULTS).filter((f) => f.endsWith('.json')) : [];
  if (files.length === 0) throw new Error(`No result in ${RESULTS}: run with --run.`);
  return path.join(RESULTS, files.sort().at(-1)); // their names are dates
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
