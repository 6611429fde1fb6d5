// What a finished binary of Linux asks of whoever loads it: of glibc nothing newer than OLDEST has, of musl
// what musl has, else Node's own names; and no C++ library of the system's.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { muslLibrary } from '../musl/sysroot.mjs';

/** Debian 10, RHEL 8; what Node's own binaries ask for. */
export const OLDEST = '2.28';

const LIBRARIES = {
  glibc: /^(lib(c|m|dl|pthread)\.so\.\d|ld-linux-[\w-]+\.so\.\d)$/,
  musl: /^libc\.(so|musl-\w+\.so\.1)$/,
};
const OF_NODE = /^(napi|uv)_/;

/** @throws for a binary that would not be loaded where `target` is promised */
export function requireSymbols(binary, { cpu, libc }) {
  const symbols = readelf('--dyn-syms', binary);
  const versions = symbols.match(/\b(GLIBC|GLIBCXX|CXXABI|GCC)_[\d.]+/g) ?? [];
  // Without a version; a weak one may stay open.
  const without = [...symbols.matchAll(/ GLOBAL +\S+ +UND +([^@\s]+)$/gm)].map(([, name]) => name);
  const libraries = [...readelf('--dynamic', binary).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(
    ([, name]) => name,
  );
  const musl = libc === 'musl' ? namesOf(muslLibrary(cpu)) : new Set();
  const wrong = [
    ...libraries.filter((name) => !LIBRARIES[libc].test(name)),
    ...versions.filter((version) => libc === 'musl' || !isOld(version)),
    ...without.filter((name) => !OF_NODE.test(name) && !musl.has(name)),
  ];
  const name = path.basename(binary);
  if (wrong.length > 0) throw new Error(`${name} asks for ${[...new Set(wrong)].join(', ')}`);
  const newest = versions.sort(compare).at(-1) ?? 'no version';
  const said = libc === 'musl' ? 'it asks for musl alone' : `it asks for ${newest} at most`;
  console.log(`linux-${cpu}-${libc}: ${name}: ${said}`);
}

/** What a library has for others. */
function namesOf(library) {
  const row = / (?:GLOBAL|WEAK) +\S+ +(?!UND)\w+ +([^@\s]+)$/gm;
  return new Set([...readelf('--dyn-syms', library).matchAll(row)].map(([, name]) => name));
}

export function readelf(...args) {
  return execFileSync('readelf', ['-W', ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
}

export function isOld(version) {
  return /^GLIBC_\d/.test(version) && compare(version, `GLIBC_${OLDEST}`) <= 0;
}

export function compare(one, other) {
  return one.localeCompare(other, 'en', { numeric: true });
}
