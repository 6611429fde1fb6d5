// Compilers whose binaries run beside every glibc from 2.28 on, whatever this machine has: they link
// against libraries made here, which have each function of the machine's glibc under the newest version
// that is no newer than 2.28, and none that has no such version. The C++ library goes in statically.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { compare, isOld, readelf } from './symbols.mjs';
import { work } from './targets.mjs';

// What libstdc++.a and libgcc_eh.a ask of a newer glibc. The unwinder has another way where the first
// says no; random numbers are for what nobody here asks.
const SHIM = `char __libc_single_threaded;
int _dl_find_object(void *address, void *result) { return address == result ? -1 : -1; }
void abort(void);
unsigned arc4random(void) { abort(); }
int __fxstat64(int version, int fd, void *status);
#ifdef __x86_64__
int fstat64(int fd, void *status) { return __fxstat64(1, fd, status); }
#else
int fstat64(int fd, void *status) { return __fxstat64(0, fd, status); }
#endif
`;

/** Until 2.34 these were libraries of their own; since, empty ones. */
const LIBRARIES = [
  ['libpthread', 'libpthread.so.0', /^(pthread_|sem_)/],
  ['libdl', 'libdl.so.2', /^dl(addr|close|error|iterate_phdr|open|sym)/],
  ['libc', 'libc.so.6', /^/],
];

/** @returns `CC` and `CXX`, as scripts that wrap those of `tools` */
export function glibcCompilers(target, tools) {
  const { CC, CXX } = { CC: 'gcc', CXX: 'g++', ...tools };
  const folder = path.join(work, `glibc-${target.cpu}`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const gcc = (...args) => execFileSync(CC, args, { encoding: 'utf8' }).trim();
  const file = (name) => gcc(`-print-file-name=${name}`);

  const left = new Map(symbolsOf(file('libc.so.6')).map((symbol) => [symbol.name, symbol]));
  for (const [name, soname, mine] of LIBRARIES) {
    const symbols = [...left.values()].filter((symbol) => mine.test(symbol.name));
    for (const symbol of symbols) left.delete(symbol.name);
    fs.writeFileSync(`${folder}/${name}.s`, assemblyOf(symbols));
    fs.writeFileSync(`${folder}/${name}.map`, versionsOf(symbols));
    const versions = `-Wl,-soname,${soname},--version-script,${folder}/${name}.map`;
    const library = `${folder}/${name === 'libc' ? soname : `${name}.so`}`;
    gcc('-shared', '-nostdlib', versions, `${folder}/${name}.s`, '-o', library);
  }
  // As glibc's own libc.so: some functions are never shared.
  const loader = target.cpu === 'x64' ? 'ld-linux-x86-64.so.2' : 'ld-linux-aarch64.so.1';
  const parts = [`${folder}/libc.so.6`, file('libc_nonshared.a'), `AS_NEEDED ( ${file(loader)} )`];
  fs.writeFileSync(`${folder}/libc.so`, `GROUP ( ${parts.join(' ')} )\n`);
  fs.writeFileSync(`${folder}/shim.c`, SHIM);
  gcc('-c', '-O2', '-fPIC', '-fvisibility=hidden', `${folder}/shim.c`, '-o', `${folder}/shim.o`);

  const wrap = (name, compiler) => {
    const runtime = '-static-libstdc++ -static-libgcc -Wl,--exclude-libs,ALL';
    const text = `#!/bin/sh
case " $* " in
  *" -c "*) exec ${compiler} "$@" ;;
  *) exec ${compiler} -L${folder} "$@" ${folder}/shim.o ${runtime} -Wl,--as-needed -lpthread -ldl ;;
esac
`;
    fs.writeFileSync(`${folder}/${name}`, text, { mode: 0o755 });
    return `${folder}/${name}`;
  };
  return { CC: wrap('cc', CC), CXX: wrap('c++', CXX) };
}

/** Each symbol that the oldest has, as far as the versions tell. */
function symbolsOf(library) {
  const found = new Map();
  const row =
    /^\s*\d+:\s+\S+\s+(\d+|0x\w+)\s+(\w+)\s+(?:GLOBAL|WEAK)\s+\S+\s+(\w+)\s+([^@\s]+)@+(\S+)/gm;
  for (const [, size, type, index, name, version] of readelf('--dyn-syms', library).matchAll(row)) {
    if (index === 'UND' || !version.startsWith('GLIBC_') || !isOld(version)) continue;
    const known = found.get(name);
    if (known && compare(known.version, version) > 0) continue;
    found.set(name, { name, version, size: Number(size), isObject: type === 'OBJECT' });
  }
  return [...found.values()];
}

function assemblyOf(symbols) {
  const text = symbols.map(({ name, size, isObject }) =>
    isObject
      ? `.data\n.globl ${name}\n.type ${name},%object\n.size ${name},${size}\n${name}: .zero ${Math.max(size, 1)}`
      : `.text\n.globl ${name}\n.type ${name},%function\n${name}: .long 0`,
  );
  return `${text.join('\n')}\n.section .note.GNU-stack,"",%progbits\n`;
}

function versionsOf(symbols) {
  const versions = [...new Set(symbols.map(({ version }) => version))].sort(compare);
  const nodes = versions.map((version, index) => {
    const names = symbols.filter((symbol) => symbol.version === version).map(({ name }) => name);
    return `${version} { global: ${names.join('; ')}; ${index === 0 ? 'local: *; ' : ''}}${index > 0 ? ` ${versions[index - 1]}` : ''};`;
  });
  return `${nodes.join('\n')}\n`;
}
