// npm run test:bundlers [-- name...]: builds a program with each bundler and tracer as docs/bundlers.md says,
// from the packages of a release, moves what it has built to another folder, and runs it there. The tools
// come from the registry into .cache/bundlers, apart from devDependencies: half a gigabyte. The documents'
// examples that need one of them run too, under the name of examples.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases, toolsIn } from './bundlers/cases.mjs';
import { packHere } from './release/pack.mjs';
import { settle } from './tables.mjs';
import { thisTarget } from './release/targets.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, '.cache/bundlers');
const packages = [
  ...['@vercel/nft@1', '@vercel/ncc@0.45', 'esbuild@0.28', 'rollup@4', 'vite@8', 'webpack@5'],
  ...['@rspack/core@2', 'tsup@8', 'tsdown@0.21', 'typescript@5', 'parcel@2'],
  ...['next@16', 'react@19', 'react-dom@19', 'postject@1.0.0-alpha.6'],
  `bun@npm:@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : 'x64-baseline'}@1`,
];

// One of them is in the file that the first call loads.
const PROGRAM = `import { flag, on } from 'sigbridge';
import { createShutdown } from 'sigbridge/shutdown';

const stop = flag('SIGUSR2');
const subscription = on('SIGUSR2', heard, { ref: true });
process.kill(process.pid, 'SIGUSR2');

function heard({ signal, pid }) {
  subscription.close();
  console.log(\`heard \${signal}, ours: \${pid === process.pid && stop.raised}\${createShutdown ? '' : '?'}\`);
  stop.close();
}
`;
/** Some tools leave what is named here where it is. */
const MANIFEST = '{ "private": true, "dependencies": { "sigbridge": "*" } }\n';
const SAID = 'heard SIGUSR2, ours: true';

function installTools() {
  const list = JSON.stringify(packages);
  const mark = path.join(folder, 'installed.json');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === list) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  execFileSync('npm', ['install', ...options, ...packages], { cwd: folder, stdio: 'inherit' });
  const bun = path.join(folder, 'node_modules/.bin/bun');
  fs.rmSync(bun, { force: true });
  fs.symlinkSync('../bun/bin/bun', bun);
  fs.writeFileSync(mark, list);
}

function run(argv, cwd) {
  const [command, ...rest] = argv;
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
  const { status, stdout, stderr } = spawnSync(command, rest, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${path.basename(command)}: ${status}\n${stdout}${stderr}`);
}

/** A project in which the packages are installed, as a package manager does it. */
function makeProject(tarballs) {
  const app = fs.mkdtempSync(path.join(folder, 'app-'));
  const names = [`@sigbridge/${thisTarget().name}`, '@sigbridge/source', 'sigbridge'];
  for (const [index, name] of names.entries()) {
    if (name === '@sigbridge/source') continue;
    const to = path.join(app, 'node_modules', name);
    fs.mkdirSync(to, { recursive: true });
    execFileSync('tar', ['xf', tarballs[index], '--strip-components=1', '-C', to]);
  }
  fs.writeFileSync(path.join(app, 'package.json'), MANIFEST);
  fs.writeFileSync(path.join(app, 'app.mjs'), PROGRAM);
  const asRequired = PROGRAM.replace(/^import (.*) from (.*);$/gm, 'const $1 = require($2);');
  fs.writeFileSync(path.join(app, 'app.cjs'), asRequired);
  return app;
}

async function tryCase({ build, start, keeps }, tarballs) {
  const app = makeProject(tarballs);
  const away = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-away-'));
  try {
    const out = path.join(app, 'out');
    fs.mkdirSync(out);
    await build(app, out, toolsIn(folder, run));
    fs.cpSync(out, away, { recursive: true, verbatimSymlinks: true });
    if (keeps) fs.cpSync(`${app}/node_modules`, `${away}/node_modules`, { recursive: true });
    fs.rmSync(app, { recursive: true });
    const [command, ...rest] = start;
    const program = command === 'node' ? process.execPath : path.join(away, command);
    const { stdout, stderr } = spawnSync(program, rest, {
      cwd: away,
      encoding: 'utf8',
      timeout: 120_000,
    });
    if (stdout.trim() !== SAID) throw new Error(`it said: ${stdout}${stderr}`);
  } finally {
    fs.rmSync(app, { recursive: true, force: true });
    fs.rmSync(away, { recursive: true });
  }
}

/** Of all console blocks of docs/ those that say `registry`. */
async function tryExamples() {
  const config = JSON.stringify({
    ...createRequire(import.meta.url)('../jest.config.js'),
    rootDir: root,
    testMatch: ['**/*.registry.test.ts'],
    testPathIgnorePatterns: [],
    testTimeout: 120_000,
    globals: { guardMs: 100_000 },
  });
  run(['npx', 'jest', '--config', config], root);
}

installTools();
const tarballs = packHere();
const wanted = process.argv.slice(2).filter((name) => !name.startsWith('-'));
const failed = [];
const tries = [
  ...cases.map((one) => ({ name: one.name, go: () => tryCase(one, tarballs) })),
  { name: 'examples', go: tryExamples },
];
for (const { name, go } of tries.filter(
  (one) => wanted.length === 0 || wanted.includes(one.name),
)) {
  const start = performance.now();
  let outcome = 'ok';
  try {
    await go();
  } catch (error) {
    outcome = 'FAILED';
    failed.push(name);
    process.exitCode = 1;
    console.error(`${name}: ${error.message}`);
  }
  console.log(`${outcome}: ${name} (${Math.round((performance.now() - start) / 1000)} s)`);
}

if (wanted.length === 0) {
  const rows = cases.map(({ name, line }) => [
    name,
    line ? `\`${line}\`` : 'nothing',
    failed.includes(name) ? 'no' : 'yes',
  ]);
  const head = ['tool', 'what to say', 'built, moved and run'];
  if (!(await settle('docs/platforms.md', 'bundlers', [head, ...rows]))) process.exitCode = 1;
}
