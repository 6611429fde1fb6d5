// Every bundler and tracer, in the words of docs/bundlers.md: `build` makes `out` of the project `app`;
// `start` is what runs it where it has been moved to. `keeps`: whether node_modules go with it.
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** @typedef {{ name: string, line: string, keeps?: boolean, start: string[], build: (app: string, out: string, tools: Tools) => unknown }} Case */
/** @typedef {{ bin: (name: string) => string, load: (name: string) => any, run: (argv: string[], cwd: string) => void }} Tools */

/** Found from where they were installed, apart from the checkout. @returns {Tools} */
export function toolsIn(folder, run) {
  const require = createRequire(path.join(folder, 'package.json'));
  return { bin: (name) => path.join(folder, 'node_modules/.bin', name), load: require, run };
}

const esbuild = (app, out, { bin, run }, ...options) =>
  run(
    [bin('esbuild'), 'app.mjs', '--bundle', '--platform=node', '--log-level=warning', ...options],
    app,
  );

/** @returns {Case} */
const likeWebpack = (name, bundler) => ({
  name,
  line: "externalsType: 'commonjs', externals: /^sigbridge/",
  keeps: true,
  start: ['node', 'app.js'],
  build: (app, out, { load }) =>
    new Promise((resolve, reject) => {
      const configuration = {
        ...{ mode: 'production', target: 'node', context: app, entry: './app.mjs' },
        ...{ externalsType: 'commonjs', externals: /^sigbridge/ },
        output: { path: out, filename: 'app.js' },
      };
      bundler(load)(configuration, (error, stats) => {
        if (error ?? stats.hasErrors()) reject(error ?? new Error(stats.toString()));
        else resolve(undefined);
      });
    }),
});

/** Whatever is missing must not count as an error, nor as a warning that its user has to explain. */
const COPY = '--loader:.node=copy';

/** @type {Case[]} */
export const cases = [
  {
    name: '@vercel/nft',
    line: '',
    start: ['node', 'app.cjs'],
    async build(app, out, { load }) {
      const { nodeFileTrace } = load('@vercel/nft');
      const { fileList } = await nodeFileTrace([path.join(app, 'app.cjs')], { base: app });
      for (const file of fileList) cpSync(path.join(app, file), path.join(out, file));
    },
  },
  {
    name: '@vercel/ncc',
    line: '',
    start: ['node', 'index.cjs'],
    build: (app, out, { bin, run }) => run([bin('ncc'), 'build', 'app.cjs', '-q', '-o', out], app),
  },
  {
    name: 'esbuild',
    line: `esbuild --platform=node ${COPY}`,
    start: ['node', 'app.js'],
    build: (app, out, tools) => esbuild(app, out, tools, COPY, `--outdir=${out}`),
  },
  {
    name: 'esbuild, to an ES module',
    line: 'esbuild --platform=node --format=esm --external:sigbridge',
    keeps: true,
    start: ['node', 'app.mjs'],
    build: (app, out, tools) =>
      esbuild(app, out, tools, '--format=esm', '--external:sigbridge', `--outfile=${out}/app.mjs`),
  },
  {
    name: 'rollup',
    line: 'external: /^sigbridge/',
    keeps: true,
    start: ['node', 'app.mjs'],
    async build(app, out, { load }) {
      const bundle = await load('rollup').rollup({
        input: path.join(app, 'app.mjs'),
        external: /^sigbridge/,
      });
      await bundle.write({ file: path.join(out, 'app.mjs') });
    },
  },
  {
    name: 'vite',
    line: 'build: { ssr: true }',
    keeps: true,
    start: ['node', 'app.mjs'],
    build: (app, out, { bin, run }) =>
      run([bin('vite'), 'build', '--ssr', 'app.mjs', '--outDir', out, '--logLevel', 'warn'], app),
  },
  likeWebpack('webpack', (load) => load('webpack')),
  likeWebpack('rspack', (load) => load('@rspack/core').rspack),
  {
    name: 'tsup',
    line: '',
    keeps: true,
    start: ['node', 'app.js'],
    build: (app, out, { bin, run }) => run([bin('tsup'), 'app.mjs', '--silent', '-d', out], app),
  },
  {
    name: 'tsdown',
    line: '',
    keeps: true,
    start: ['node', 'app.mjs'],
    build: (app, out, { bin, run }) =>
      run([bin('tsdown'), 'app.mjs', '--logLevel', 'warn', '-d', out], app),
  },
  {
    name: 'parcel',
    line: '"main", and "engines": { "node": … }',
    keeps: true,
    start: ['node', 'main.js'],
    build(app, out, { bin, run }) {
      const file = path.join(app, 'package.json');
      const engines = { node: '>=20' };
      const manifest = { ...JSON.parse(readFileSync(file, 'utf8')), main: 'out/main.js', engines };
      writeFileSync(file, JSON.stringify(manifest));
      // It would keep a cache at the top of the repository.
      run([bin('parcel'), 'build', 'app.mjs', '--cache-dir', path.join(app, 'cache')], app);
    },
  },
  {
    name: 'Next, standalone output',
    line: "output: 'standalone', serverExternalPackages: ['sigbridge']",
    start: ['node', 'ask.mjs'],
    build(app, out, { bin, run }) {
      const write = (file, text) => {
        mkdirSync(path.dirname(path.join(app, file)), { recursive: true });
        writeFileSync(path.join(app, file), text);
      };
      // Next itself lies further up here.
      const top = path.dirname(app);
      const more = `outputFileTracingRoot: '${top}', turbopack: { root: '${top}' }`;
      const options = `{ output: 'standalone', serverExternalPackages: ['sigbridge'], ${more} }`;
      write('next.config.mjs', `export default ${options};\n`);
      write(
        'app/layout.js',
        'export default ({ children }) => <html><body>{children}</body></html>;\n',
      );
      write(
        'app/heard/route.js',
        `import { on } from 'sigbridge';
        export const dynamic = 'force-dynamic';
        export const GET = () => new Promise((resolve) => {
          const subscription = on('SIGUSR2', ({ signal, pid }) => {
            subscription.close();
            resolve(new Response('heard ' + signal + ', ours: ' + (pid === process.pid)));
          });
          process.kill(process.pid, 'SIGUSR2');
        });\n`,
      );
      run([bin('next'), 'build'], app);
      const [from, to] = [path.join(app, '.next/standalone'), path.join(out, path.basename(app))];
      cpSync(from, out, { recursive: true, verbatimSymlinks: true });
      renameSync(to, path.join(out, 'app'));
      cpSync(new URL('ask.mjs', import.meta.url), path.join(out, 'ask.mjs'));
    },
  },
  {
    name: 'bun build --compile',
    line: 'bun build --compile',
    start: ['./app'],
    build: (app, out, { bin, run }) =>
      run([bin('bun'), 'build', '--compile', 'app.mjs', '--outfile', path.join(out, 'app')], app),
  },
  {
    name: "Node's single executable",
    line: `esbuild --platform=node ${COPY} --banner:js="require = require('node:module').createRequire(process.execPath);"`,
    start: ['./app'],
    build(app, out, tools) {
      const { bin, run } = tools;
      const banner = "require = require('node:module').createRequire(process.execPath);";
      esbuild(app, out, tools, COPY, `--banner:js=${banner}`, `--outdir=${out}`);
      const [main, blob] = [path.join(out, 'app.js'), path.join(app, 'sea.blob')];
      const sea = { main, output: blob, disableExperimentalSEAWarning: true };
      writeFileSync(path.join(app, 'sea.json'), JSON.stringify(sea));
      run([process.execPath, '--experimental-sea-config', 'sea.json'], app);
      cpSync(process.execPath, path.join(out, 'app'));
      const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
      run(
        [bin('postject'), path.join(out, 'app'), 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse],
        app,
      );
    },
  },
];
