// Compilers for musl on a machine of glibc's: GCC with musl's headers and library, by Debian's
// musl-tools. GCC's own C++ library has to forget that it was built for glibc.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { work } from './targets.mjs';

const CPUS = { x64: 'x86_64', arm64: 'aarch64' };

// What libstdc++.a and libgcc_eh.a ask of glibc and musl has not: nothing that is ever called here.
const SHIM = `char __libc_single_threaded;
int pthread_key_create(unsigned *, void (*)(void *));
int __pthread_key_create(unsigned *key, void (*end)(void *)) { return pthread_key_create(key, end); }
int _dl_find_object(void *address, void *result) { return address == result ? -1 : -1; }
`;

/** @returns `CC` and `CXX`, as scripts that wrap those of `tools` */
export function muslCompilers(target, tools) {
  const cpu = CPUS[target.cpu];
  const specs = `/usr/lib/${cpu}-linux-musl/musl-gcc.specs`;
  if (!fs.existsSync(specs)) throw new Error(`there is no ${specs}`);
  const folder = path.join(work, `musl-${target.cpu}`);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(`${folder}/include/bits`, { recursive: true });
  writeHeaders(`${folder}/include`, cpu);

  const gcc = (...args) => execFileSync(tools.CC, args, { encoding: 'utf8' }).trim();
  const version = gcc('-dumpversion').split('.')[0];
  const headers = [
    `${folder}/include`,
    ...[`/usr/include/c++/${version}`, `/usr/include/${cpu}-linux-gnu/c++/${version}`],
    ...[`/usr/include/${cpu}-linux-musl`, gcc('-print-file-name=include')],
  ];
  const shim = `${folder}/shim.o`;
  fs.writeFileSync(`${folder}/shim.c`, SHIM);
  gcc('-c', '-fPIC', '-fvisibility=hidden', `${folder}/shim.c`, '-o', shim);
  const compile = `-nostdinc -D__locale_t=locale_t ${headers.map((one) => `-isystem ${one}`).join(' ')}`;
  const link = `-specs ${specs} -L${path.dirname(gcc('-print-file-name=libstdc++.a'))}`;
  // Statically: no musl system need have them.
  const runtime = `${shim} -Wl,-Bstatic -lstdc++ -lgcc_eh -lgcc -Wl,-Bdynamic -Wl,--exclude-libs,ALL`;
  const wrap = (name, compiler, more) => {
    const text = `#!/bin/sh
case " $* " in
  *" -c "*) exec ${compiler} ${compile} ${more} "$@" ;;
  *) exec ${tools.CC} ${link} "$@" ${runtime} ;;
esac
`;
    fs.writeFileSync(`${folder}/${name}`, text, { mode: 0o755 });
    return `${folder}/${name}`;
  };
  return { CC: wrap('cc', tools.CC, ''), CXX: wrap('c++', tools.CXX, '-nostdinc++') };
}

function writeHeaders(folder, cpu) {
  // What libstdc++ finds out about its C library when it is built: empty, as os/generic has it, and
  // without the calls that musl lacks.
  fs.writeFileSync(`${folder}/bits/os_defines.h`, '#pragma once\n');
  const lacking = ['COND_CLOCKWAIT', 'MUTEX_CLOCKLOCK', 'RWLOCK_CLOCKLOCK'];
  const undefine = lacking.map((name) => `#undef _GLIBCXX_USE_PTHREAD_${name}\n`).join('');
  const config = `#include_next <bits/c++config.h>\n${undefine}`;
  fs.writeFileSync(`${folder}/bits/c++config.h`, config);
  // The kernel's headers, which are nobody's C library.
  for (const [name, of] of [
    ['linux', '/usr/include/linux'],
    ['asm-generic', '/usr/include/asm-generic'],
    ['asm', `/usr/include/${cpu}-linux-gnu/asm`],
  ]) {
    fs.symlinkSync(of, `${folder}/${name}`);
  }
}
