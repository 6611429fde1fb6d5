// What the scenarios of each runtime share.
const { spawnSync } = require('node:child_process');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const { versions } = process;
const kind = ['deno', 'bun'].find((name) => versions[name] !== undefined) ?? 'node';

/** Words before the runtime's own: where only they can run it, as qemu-user's. */
const before = JSON.parse(process.env.SCENARIO_BEFORE ?? '[]');

/** Runs a program in the same runtime, to its end. */
function program(code, { flags = [], module: isModule = false } = {}) {
  const args = { node: [], deno: ['run', '--allow-all', '--quiet'], bun: ['run'] }[kind];
  const folder = mkdtempSync(join(__dirname, 'program-'));
  try {
    const file = join(folder, isModule ? 'program.mjs' : 'program.cjs');
    writeFileSync(file, code);
    const options = { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' };
    const [command, ...words] = [...before, process.execPath, ...args, ...flags, file];
    return spawnSync(command, words, options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function turn() {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

module.exports = { kind, program, turn };
