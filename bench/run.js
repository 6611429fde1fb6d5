'use strict';

// Runs each measurement in a process of its own, one after the other, and says what came out:
// `node bench/run.js [--json] [name…]`, where a name is that of a file in bench/measurements.
const { spawn } = require('node:child_process');
const { mkdirSync, readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const { parseArgs } = require('node:util');
const { machine } = require('./support/machine');
const { table } = require('./support/table');
const { versions } = require('./support/versions');

const MEASUREMENTS = path.join(__dirname, 'measurements');
const RESULTS = path.join(__dirname, 'results');

async function main() {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean' } },
    allowPositionals: true,
  });
  const date = new Date().toISOString();
  const result = {
    date,
    node: process.version,
    versions: versions(),
    machine: machine(),
    figures: [],
  };
  for (const name of chosen(positionals)) {
    process.stderr.write(`measuring: ${name}\n`);
    const figures = await measure(name);
    result.figures.push(...figures.map((figure) => ({ measurement: name, ...figure })));
  }
  const file = save(result);
  process.stdout.write(`${values.json ? JSON.stringify(result, null, 2) : table(result)}\n`);
  process.stderr.write(`written to ${path.relative(process.cwd(), file)}\n`);
}

function chosen(names) {
  const all = readdirSync(MEASUREMENTS).map((file) => path.basename(file, '.js'));
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) {
    throw new Error(`No measurement '${unknown.join("', '")}'; there are: ${all.join(', ')}.`);
  }
  return names.length > 0 ? names : all;
}

async function measure(name) {
  const child = spawn(process.execPath, [path.join(MEASUREMENTS, `${name}.js`)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.on('close', done));
  const output = await text(child.stdout);
  const code = await ended;
  if (code !== 0) throw new Error(`The measurement '${name}' ended with ${code}.`);
  return JSON.parse(output);
}

function save(result) {
  mkdirSync(RESULTS, { recursive: true });
  const file = path.join(RESULTS, `${result.date.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
