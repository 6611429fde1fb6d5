// Holds the native sources to musl: each is compiled against musl's headers, and the launcher and the
// preload library are linked with musl and run. By Debian's musl-tools and GCC's own C++ headers, which
// have to forget that they were built for glibc.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = path.join(root, '.cache/musl');
const triple = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];
const specs = `/usr/lib/${triple}-linux-musl/musl-gcc.specs`;
if (!fs.existsSync(specs)) {
  console.error(`There is no ${specs}: apt-get install musl-tools`);
  process.exit(1);
}

fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(`${out}/include/bits`, { recursive: true });
// What libstdc++ finds out about its C library when it is built: empty as os/generic has it, and without
// the calls that musl lacks.
fs.writeFileSync(`${out}/include/bits/os_defines.h`, '#pragma once\n');
const lacking = ['COND_CLOCKWAIT', 'MUTEX_CLOCKLOCK', 'RWLOCK_CLOCKLOCK'];
const undefine = lacking.map((name) => `#undef _GLIBCXX_USE_PTHREAD_${name}\n`).join('');
const config = `${out}/include/bits/c++config.h`;
fs.writeFileSync(config, `#include_next <bits/c++config.h>\n${undefine}`);
// The kernel's headers, which are nobody's C library.
for (const [name, folder] of [
  ['linux', '/usr/include/linux'],
  ['asm-generic', '/usr/include/asm-generic'],
  ['asm', `/usr/include/${triple}-linux-gnu/asm`],
]) {
  fs.symlinkSync(folder, `${out}/include/${name}`);
}

const gcc = (...args) => execFileSync('gcc', args, { encoding: 'utf8' }).trim();
const version = gcc('-dumpversion').split('.')[0];
const system = [
  `${out}/include`,
  `/usr/include/c++/${version}`,
  `/usr/include/${triple}-linux-gnu/c++/${version}`,
  `/usr/include/${triple}-linux-musl`,
  gcc('-print-file-name=include'),
];
const flags = [
  ...['-std=c++17', '-O2', '-fPIC', '-fno-exceptions', '-fno-rtti', '-fno-threadsafe-statics'],
  ...['-fvisibility=hidden', '-Wall', '-Wextra', '-D_GNU_SOURCE', '-DNAPI_VERSION=8'],
  ...['-nostdinc', '-nostdinc++', ...system.flatMap((folder) => ['-isystem', folder])],
  ...[
    `-I${root}native`,
    `-I${path.resolve(process.execPath, '../../include/node')}`,
    `-I${root}node_modules/node-addon-api`,
  ],
  ...['-DNODE_ADDON_API_DISABLE_CPP_EXCEPTIONS', '-D__locale_t=locale_t'],
];

const { variables } = JSON.parse(fs.readFileSync(path.join(root, 'native/sources.gypi'), 'utf8'));
const objectOf = (source) => `${out}/${source.replaceAll('/', '_')}.o`;
const sources = [...new Set(Object.values(variables).flat())];
let failed = 0;
for (const source of sources) {
  const { status } = spawnSync('g++', [...flags, '-c', source, '-o', objectOf(source)], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) failed++;
}
console.log(`musl: ${sources.length - failed} of ${sources.length} sources compile`);
if (failed > 0) process.exit(1);

const link = (name, list, ...more) => {
  execFileSync('musl-gcc', [...list.map(objectOf), ...more, '-o', `${out}/${name}`], {
    stdio: 'inherit',
  });
  return `${out}/${name}`;
};
const launcher = link('sigbridge-run', variables.launch_sources);
const preload = link('sigbridge-preload.so', variables.preload_sources, '-shared', '-Wl,-z,defs');
// A program of musl's, into which the library can go.
fs.writeFileSync(
  `${out}/quits.c`,
  '#include <signal.h>\nint main(void) { signal(SIGHUP, SIG_IGN); return 7; }\n',
);
execFileSync('musl-gcc', [`${out}/quits.c`, '-o', `${out}/quits`]);

const shown = (what, run, expected) => {
  const { status, signal, stderr } = run;
  const ended = signal ?? status;
  console.log(`musl: ${what}: ${ended}${stderr.toString()}`);
  if (ended !== expected) process.exitCode = 1;
};
const kill = 'kill -TERM $$';
shown('the launcher exits as its command', spawnSync(launcher, ['--', 'sh', '-c', 'exit 5']), 5);
shown(
  'as an init, it dies as its command',
  spawnSync(launcher, ['--init', '--', 'sh', '-c', kill]),
  'SIGTERM',
);
shown(
  'the preload library is loaded',
  spawnSync(`${out}/quits`, { env: { LD_PRELOAD: preload } }),
  7,
);
