// Compilers for musl on a machine of glibc's: GCC with musl's headers and library, by Debian's
// musl-tools. GCC's own C++ library has to forget that it was built for glibc.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../release/targets.mjs';
import { sysrootOf } from './sysroot.mjs';

/** @returns `CC` and `CXX`, as scripts that wrap those of `tools`; `cxxRuntime` makes a shared C++ library */
export function muslCompilers({ cpu }, tools) {
  const system = sysrootOf(cpu);
  const folder = path.join(root, '.cache/musl', cpu, 'compilers');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(`${folder}/include/bits`, { recursive: true });
  const gcc = (...args) => execFileSync(tools.CC, args, { encoding: 'utf8' }).trim();
  // GCC's for another processor has a tree of its own.
  const of = cpu === process.arch ? '/usr/include' : `/usr/${system.gnu}/include`;
  const multi = cpu === process.arch ? `${of}/${system.gnu}` : of;
  writeHeaders(`${folder}/include`, of, multi);

  const version = gcc('-dumpversion').split('.')[0];
  const cxx = `c++/${version}`;
  const headers = [
    `${folder}/include`,
    ...[`${of}/${cxx}`, cpu === process.arch ? `${multi}/${cxx}` : `${of}/${cxx}/${system.gnu}`],
    ...[system.include, gcc('-print-file-name=include')],
  ];
  const compile = `-nostdinc -D__locale_t=locale_t ${headers.map((one) => `-isystem ${one}`).join(' ')}`;
  const link = `-specs ${system.specs} -L${path.dirname(gcc('-print-file-name=libstdc++.a'))}`;
  const shim = `${folder}/shim.o`;
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
  const CC = wrap('cc', tools.CC, '');
  const source = path.join(root, 'scripts/musl/shim.c');
  const hidden = ['-O2', '-fPIC', '-fvisibility=hidden'];
  execFileSync(CC, [...hidden, '-D_GNU_SOURCE', '-c', source, '-o', shim]);
  const cxxRuntime = (to) => {
    const whole = [
      '-Wl,--whole-archive',
      '-lstdc++',
      '-lgcc_eh',
      '-Wl,--no-whole-archive',
      '-lgcc',
    ];
    const options = ['-shared', '-Wl,-soname,libstdc++.so.6,-Bstatic', shim, ...whole];
    gcc(...link.split(' '), ...options, '-Wl,-Bdynamic', '-o', to);
  };
  return { CC, CXX: wrap('c++', tools.CXX, '-nostdinc++'), cxxRuntime };
}

function writeHeaders(folder, of, multi) {
  // What libstdc++ finds out about its C library when it is built: empty, as os/generic has it, and
  // without the calls that musl lacks.
  fs.writeFileSync(`${folder}/bits/os_defines.h`, '#pragma once\n');
  const lacking = ['COND_CLOCKWAIT', 'MUTEX_CLOCKLOCK', 'RWLOCK_CLOCKLOCK'];
  const undefine = lacking.map((name) => `#undef _GLIBCXX_USE_PTHREAD_${name}\n`).join('');
  const config = `#include_next <bits/c++config.h>\n${undefine}`;
  fs.writeFileSync(`${folder}/bits/c++config.h`, config);
  // The kernel's headers, which are nobody's C library.
  for (const [name, from] of [
    ['linux', `${of}/linux`],
    ['asm-generic', `${of}/asm-generic`],
    ['asm', `${multi}/asm`],
  ]) {
    fs.symlinkSync(from, `${folder}/${name}`);
  }
}
