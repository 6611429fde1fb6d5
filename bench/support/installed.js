'use strict';

const { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '../..');
const OF_A_CHECKOUT = ['scripts', 'devDependencies', 'allowScripts', 'overrides', 'imports'];

/**
 * A folder in which this build is installed as from the registry: the package, and beside it that of this
 * machine's binaries. In a checkout Node looks for these elsewhere first, and longer. Gone at the end.
 */
function installed() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sigbridge-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const modules = path.join(folder, 'node_modules');

  const own = path.join(modules, 'sigbridge');
  const manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json')));
  const { version, imports } = manifest;
  // As scripts/release/pack.mjs does: they are more than half of what Node would read.
  for (const key of OF_A_CHECKOUT) delete manifest[key];
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, 'package.json'), JSON.stringify(manifest));
  cpSync(path.join(ROOT, 'dist'), path.join(own, 'dist'), { recursive: true });

  const name = `@sigbridge/${process.platform}-${process.arch}${libc()}`;
  const binaries = path.join(modules, name);
  for (const file of ['native/index.js', 'build/Release/sigbridge.node']) {
    cpSync(path.join(ROOT, file), path.join(binaries, file));
  }
  const its = { name, version, main: imports['#native'] };
  writeFileSync(path.join(binaries, 'package.json'), JSON.stringify(its));
  return folder;
}

function libc() {
  if (process.platform !== 'linux') return '';
  return process.report.getReport().header.glibcVersionRuntime === undefined ? '-musl' : '-glibc';
}

module.exports = { installed };
