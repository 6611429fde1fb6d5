// Puts binaries of the supported runtimes into .cache/runtimes, for the tests that load one addon in
// all of them. They come from the npm registry, apart from devDependencies: more than a gigabyte that
// `npm ci` need not bring to everybody. test/versions runs them.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.cache/runtimes', import.meta.url));
const { platform, arch } = process;

/**
 * The oldest version in which all works, and the newest when this was last looked at. `older`: of those
 * that lack something one, to be tried by its name.
 */
const versions = {
  node: { older: [], tried: ['20.0.0', '20.20.2', '22.23.5', '24.22.3', '26.12.1'] },
  deno: { older: ['2.4.4'], tried: ['2.8.0', '2.9.6'] },
  bun: { older: ['1.2.13'], tried: ['1.2.23', '1.4.5'] },
};

const kinds = {
  node: { title: 'Node', package: `node-${platform}-${arch}`, binary: 'bin/node', args: [] },
  deno: {
    title: 'Deno',
    package: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
    binary: 'deno',
    args: ['run', '--allow-all', '--quiet'],
  },
  bun: {
    title: 'Bun',
    package: `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : 'x64-baseline'}`,
    binary: 'bin/bun',
    args: ['run'],
  },
};

/** `binary` is what runs a script after the arguments `args`; `older`: whether it lacks something. */
export const runtimes = Object.entries(kinds).flatMap(([kind, { title, args, ...made }]) =>
  [...versions[kind].older, ...versions[kind].tried].map((version) => ({
    ...{ kind, title, version, args },
    name: `${kind}-${version}`,
    package: `${kind}-${version}@npm:${made.package}@${version}`,
    binary: path.join(folder, 'node_modules', `${kind}-${version}`, made.binary),
    older: versions[kind].older.includes(version),
  })),
);

/** The one that is published for musl; beside glibc it wants a C++ library: scripts/musl/runtime.mjs. */
const musl = {
  ...runtimes.findLast(({ kind }) => kind === 'bun'),
  name: `bun-${versions.bun.tried.at(-1)}-musl`,
  libc: 'musl',
};
export const muslRuntime = {
  ...musl,
  package: `${musl.name}@npm:@oven/bun-linux-${arch === 'arm64' ? 'aarch64-musl' : 'x64-musl-baseline'}@${musl.version}`,
  binary: path.join(folder, 'node_modules', musl.name, 'bin/bun'),
};

export function fetchRuntimes(wanted, env = process.env) {
  const missing = wanted.filter(({ binary }) => !existsSync(binary));
  if (missing.length > 0) install(missing.map((runtime) => runtime.package));
  for (const { name, binary, version } of wanted) {
    chmodSync(binary, 0o755);
    const found = execFileSync(binary, ['--version'], { encoding: 'utf8', env }).trim();
    if (!found.includes(version)) throw new Error(`${name} is ${found}, not ${version}`);
  }
}

function install(packages) {
  mkdirSync(folder, { recursive: true });
  const manifest = path.join(folder, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  // By force: one is for another C library than this machine's.
  const options = ['--force', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', '--prefix', folder, ...options, ...packages], {
    stdio: 'inherit',
  });
}
