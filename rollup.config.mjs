// Puts lib/, compiled to modules, into a few files: to load one file costs Node about 0.4 ms.
// No module is in two of them, whatever entries are added: one state per process.
import { readFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import { transformSync } from '@swc/core';
import { bundledLicences } from './scripts/bundled-licences.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const compiled = resolve(root, '.cache/lib');
const { exports } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8'));

// What package.json promises: './dist/index.js' is lib/index.ts.
const PUBLIC = Object.values(exports)
  .map((entry) => (entry.require ?? entry).default)
  .filter((file) => file !== undefined)
  .map((file) => relative('dist', file).replace(/\.js$/, ''));

// Others load these by their path: bin/sigbridge, native/launch/keep.cc.
const ENTRIES = [...PUBLIC, 'cli/main', 'cli/run/keep'];

// What nearly everybody calls, all that is no function, and what a program calls at its very end, when it may
// have no descriptor left. The rest of what `sigbridge` exports is called early if at all, and loaded at its
// first call: to compile it is a third of the time that loading would take.
const EAGER = [
  ...['core/receive/on', 'core/receive/once', 'core/receive/abortSignal'],
  ...['core/lowlevel/mask', 'core/lowlevel/send', 'core/lowlevel/exit'],
];

// Files of what is loaded at its first call, and all that only they need. `why` is for where nothing works.
const LATE = {
  why: ['base/native/why'],
  state: ['core/look/inspect', 'core/look/process', 'core/change/change'],
};

const pathOf = (name) => resolve(compiled, `${name}.js`);
const nameOf = (path) => relative(compiled, path).split(sep).join('/').replace(/\.js$/, '');

/** Whether loading `from` loads `to`; not by what stands in `late`, which is loaded later. */
function needs(from, to, { getModuleInfo }, late = [], seen = new Set()) {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return getModuleInfo(from).importedIds.some(
    (next) => !late.includes(next) && needs(next, to, { getModuleInfo }, late, seen),
  );
}

// What everybody loads goes into one file, `core`, beside index.js, which is small: where it is imported, Node
// reads it letter by letter to find its names. The rest lies as rollup finds best.
function chunkOf(path, graph) {
  const name = nameOf(path);
  // Libraries that are built in: only the entry that needs them loads them.
  if (path.includes('node_modules')) {
    return ['manager/kept', 'debug/kept', 'cli/trace/kept'].find((kept) =>
      needs(pathOf(kept), path, graph),
    );
  }
  if (ENTRIES.includes(name) || name.startsWith('cli/commands/')) return null;
  if (name === 'cli/trace/kept') return name;
  if (name === 'cli/trace/html' || name === 'cli/trace/json') return null;
  if (name.startsWith('cli/trace/')) return 'cli/trace/trace';
  if (name.startsWith('cli/watch/')) return 'cli/watch/watch';
  if (name.startsWith('cli/doctor/')) return null;
  if (name.startsWith('cli/') || name === 'base/text/table') return 'cli/common';
  if (!needs(pathOf('index'), path, graph)) return null;
  const late = Object.values(LATE).flat().map(pathOf);
  const isFor = (entry) => needs(pathOf(entry), path, graph, late);
  if (EAGER.some((entry) => isFor(entry))) return 'core';
  return Object.keys(LATE).find((file) => LATE[file].some(isFor)) ?? 'more';
}

const fileOf = ({ name, facadeModuleId }) => `${facadeModuleId ? nameOf(facadeModuleId) : name}.js`;

/**
 * A rollup plugin: no comments but licences, and ASCII alone, so that V8 reads less, and keeps it in
 * one byte a character: a tenth of the time that loading takes. The declarations keep their words.
 */
function lean() {
  const format = { comments: 'some', asciiOnly: true };
  const options = { configFile: false, swcrc: false, isModule: false };
  const jsc = { target: 'es2022', minify: { format } };
  return {
    name: 'lean',
    renderChunk: (code) => transformSync(code, { ...options, jsc }).code,
  };
}

/**
 * A rollup plugin: what everybody loads does not load the rest before a function of it is called. index.js
 * exports functions that do so.
 */
function lazily() {
  const files = [...Object.keys(LATE), 'more'].join('|');
  const loading = new RegExp(`const (${files}) = require\\('\\./\\1\\.js'\\);`, 'g');
  const passedOn = new RegExp(`exports\\.(\\w+) = ((?:${files})\\.\\w+);`, 'g');
  const use = new RegExp(`(?<![\\w.$])(${files})\\.(?=\\w)`, 'g');
  return {
    name: 'lazily',
    renderChunk(code, { fileName }) {
      if (fileName === 'why.js' && code.includes('./core.js')) {
        this.error('why.js is loaded while core.js is: it cannot need it.');
      }
      if (!['index.js', 'core.js', 'more.js'].includes(fileName)) return null;
      if (code.match(loading) === null) this.error(`${fileName} loads nothing later.`);
      return code
        .replace(loading, 'let $1;')
        .replace(passedOn, 'exports.$1 = function $1(...given) {\n  return $2(...given);\n};')
        .replace(use, `($1 ??= require('./$1.js')).`);
    },
  };
}

/** What runs in Node. @type {import('rollup').RollupOptions} */
const library = {
  input: ENTRIES.map(pathOf),
  // What its user may bring along: a terminal for tests.
  external: [/^node:/, 'node-pty'],
  plugins: [
    nodeResolve(),
    commonjs(),
    bundledLicences(),
    lazily(),
    lean(),
    forModules('testing/vitest'),
  ],
  output: {
    dir: 'dist',
    format: 'cjs',
    exports: 'named',
    esModule: true,
    generatedCode: { preset: 'es2015', symbols: false },
    interop: 'default',
    hoistTransitiveImports: false,
    manualChunks: chunkOf,
    entryFileNames: fileOf,
    chunkFileNames: fileOf,
  },
};

/**
 * vitest has types of its own for ES modules and for CommonJS, and only what asks for them in the same way
 * adds to the same ones: so the same declaration is there in both.
 */
function forModules(name) {
  const emitted = [
    [`${name}.mjs`, 'export {};\n'],
    [`${name}.d.mts`, readFileSync(resolve(root, `dist/${name}.d.ts`), 'utf8')],
  ];
  return {
    name: 'for-modules',
    generateBundle() {
      for (const [fileName, source] of emitted) this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

const pageSource = resolve(root, 'lib/debug/page');

/** What the browser shows, as files that need no inline script and no inline style. */
const page = {
  input: resolve(root, '.cache/page/debug/page/main.js'),
  plugins: [nodeResolve({ browser: true }), bundledLicences(), pageFiles()],
  output: { file: 'dist/debug/page/page.js', format: 'iife' },
};

function pageFiles() {
  const read = (path) => readFileSync(path, 'utf8');
  const plotting = resolve(root, 'node_modules/uplot/dist/uPlot.min.css');
  return {
    name: 'page-files',
    generateBundle() {
      const emit = (fileName, source) => this.emitFile({ type: 'asset', fileName, source });
      emit('index.html', read(resolve(pageSource, 'index.html')));
      emit('icon.svg', read(resolve(pageSource, 'icon.svg')));
      emit('page.css', `${read(plotting)}\n${read(resolve(pageSource, 'page.css'))}`);
    },
  };
}

export default [library, page];
