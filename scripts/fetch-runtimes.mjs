// Puts a binary of each supported runtime into .cache/runtimes, for the test that loads one addon in
// all of them. They come from the npm registry, apart from devDependencies: half a gigabyte that
// `npm ci` need not bring to everybody. test/versions runs them.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.cache/runtimes', import.meta.url));
const modules = path.join(folder, 'node_modules');
const platform = `${process.platform}-${process.arch}`;

/** `package` is what npm installs, `binary` what runs a script after the arguments `args`. */
export const runtimes = [
  ...[20, 22, 24, 26].map((major) => ({
    name: `node${major}`,
    package: `node${major}@npm:node-${platform}@${major}`,
    binary: path.join(modules, `node${major}`, 'bin', 'node'),
    args: [],
    version: `v${major}.`,
  })),
  {
    name: 'deno',
    package: `deno@npm:@deno/${platform}${process.platform === 'linux' ? '-glibc' : ''}@2`,
    binary: path.join(modules, 'deno', 'deno'),
    args: ['run', '--allow-all', '--quiet'],
    version: 'deno 2.',
  },
  {
    name: 'bun',
    package: `bun@npm:@oven/bun-${process.platform}-${process.arch === 'arm64' ? 'aarch64' : 'x64-baseline'}@1`,
    binary: path.join(modules, 'bun', 'bin', 'bun'),
    args: ['run'],
    version: '1.',
  },
];

export function fetchRuntimes() {
  if (!runtimes.every(({ binary }) => existsSync(binary))) {
    install(runtimes.map((runtime) => runtime.package));
  }
  for (const { name, binary, version } of runtimes) {
    const found = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
    if (!found.startsWith(version)) throw new Error(`${name} is ${found}, not ${version}`);
    console.log(`${name}: ${found.split('\n')[0]}`);
  }
}

function install(packages) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const options = ['--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', '--prefix', folder, ...options, ...packages], {
    stdio: 'inherit',
  });
}
