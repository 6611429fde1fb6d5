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
// first call: to compile it is a sixth of the time that loading takes.
const EAGER = [
  ...['core/receive/on', 'core/receive/once', 'core/receive/abortSignal'],
  ...['core/change/change', 'core/lowlevel/mask', 'core/lowlevel/send', 'core/lowlevel/exit'],
];

const pathOf = (name) => resolve(compiled, `${name}.js`);
const nameOf = (path) => relative(compiled, path).split(sep).join('/').replace(/\.js$/, '');

/** Whether loading `from` loads `to`. */
function needs(from, to, { getModuleInfo }, seen = new Set()) {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return getModuleInfo(from).importedIds.some((next) => needs(next, to, { getModuleInfo }, seen));
}

// What everybody loads goes into two files: `core` asks for the native part, `base`, on which the
// command line lives, can do without. The rest lies as rollup finds best.
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
  if (!needs(path, pathOf('base/native/addon'), graph)) return 'base';
  return EAGER.some((entry) => needs(pathOf(entry), path, graph)) ? 'core' : 'more';
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

/** A rollup plugin: index.js exports functions that load more.js when they are called. */
function lazily() {
  const loading = `const more = require('./more.js');`;
  const call = (_, name, own) =>
    `exports.${name} = function ${name}(...given) {\n` +
    `  return (more ??= require('./more.js')).${own}(...given);\n};`;
  return {
    name: 'lazily',
    renderChunk(code, { fileName }) {
      if (fileName !== 'index.js') return null;
      if (!code.includes(loading)) this.error('index.js does not load more.js as expected.');
      return code.replace(loading, 'let more;').replace(/exports\.(\w+) = more\.(\w+);/g, call);
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
