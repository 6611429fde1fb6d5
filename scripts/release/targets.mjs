// What a release brings binaries for, and where they lie while it is made. A package of its own for each:
// a package manager installs the one that fits, by `os`, `cpu` and `libc`, and runs no script.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Nothing of a release is in the repository. Tests name a folder of their own. */
export const work = path.resolve(
  process.env.SIGBRIDGE_RELEASE ?? path.join(root, '.cache/release'),
);

/** @typedef {{ name: string, os: string, cpu: string, libc?: 'glibc' | 'musl' }} Target */

/** lib/base/native/find.ts asks for each by its name. @type {Target[]} */
export const targets = [
  { name: 'linux-x64-glibc', os: 'linux', cpu: 'x64', libc: 'glibc' },
  { name: 'linux-x64-musl', os: 'linux', cpu: 'x64', libc: 'musl' },
  { name: 'linux-arm64-glibc', os: 'linux', cpu: 'arm64', libc: 'glibc' },
  { name: 'linux-arm64-musl', os: 'linux', cpu: 'arm64', libc: 'musl' },
  { name: 'darwin-x64', os: 'darwin', cpu: 'x64' },
  { name: 'darwin-arm64', os: 'darwin', cpu: 'arm64' },
];

/** @returns {Target} */
export function targetOf(name) {
  const target = targets.find((one) => one.name === name);
  if (target) return target;
  const names = targets.map((one) => one.name).join(', ');
  throw new Error(`no target ${name}: expected one of ${names}`);
}

/** What this Node runs on, by the loader that its executable names. */
export function thisTarget() {
  const { platform, arch, execPath } = process;
  if (platform !== 'linux') return targetOf(`${platform}-${arch}`);
  const head = fs.readFileSync(execPath).subarray(0, 4096);
  return targetOf(`linux-${arch}-${head.includes('/ld-musl-') ? 'musl' : 'glibc'}`);
}

/** Where build.mjs puts a target's binaries. */
export const builtFolder = (target) => path.join(work, 'built', target.name);

/** @returns {string[]} */
export const binariesOf = (target) => [
  'sigbridge.node',
  'sigbridge-run',
  ...(target.os === 'linux' ? ['sigbridge-preload.so'] : []),
];
