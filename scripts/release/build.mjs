// npm run release:build [-- target...]: builds the binaries of a release, by default those of this
// machine. For glibc they run beside every one from 2.28 on. For another processor by Debian's cross compilers, for musl on glibc by musl-tools.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { glibcCompilers } from './glibc.mjs';
import { requireSymbols } from './symbols.mjs';
import { muslCompilers } from '../musl/compilers.mjs';
import { binariesOf, builtFolder, root, targetOf, thisTarget, work } from './targets.mjs';

/** The prefix of GCC's cross compilers. */
const TRIPLES = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** Compiler and strip for `target`; nothing where they are the usual ones. */
function toolsFor(target) {
  const here = thisTarget();
  if (target.os !== here.os) throw new Error(`${target.name} is built on ${target.os} alone`);
  const prefix = target.cpu === here.cpu ? '' : `${TRIPLES[target.cpu]}-`;
  const tools = { CC: `${prefix}gcc`, CXX: `${prefix}g++`, STRIP: `${prefix}strip` };
  // On a machine of musl's there is nothing to wrap.
  if (target.name === here.name && target.libc !== 'glibc') return {};
  const compilers = target.libc === 'musl' ? muslCompilers : glibcCompilers;
  return { ...tools, ...compilers(target, tools) };
}

/** Builds the addon and the launcher in `folder`, by the compilers of `tools`. @throws where one fails */
export function compile(folder, cpu, tools) {
  // node-gyp builds where binding.gyp lies; a folder of its own leaves the checkout's build alone.
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const name of ['binding.gyp', 'native', 'node_modules']) {
    fs.symlinkSync(path.join(root, name), path.join(folder, name));
  }
  execFileSync('node-gyp', ['rebuild', `--arch=${cpu}`, '--loglevel=warn', '-C', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...tools, MAKEFLAGS: '-s', JOBS: 'max' },
  });
}

/** @throws where a compiler is missing, or fails */
export function build(target) {
  const tools = toolsFor(target);
  const folder = path.join(work, 'build', target.name);
  compile(folder, target.cpu, tools);
  const built = builtFolder(target);
  fs.rmSync(built, { recursive: true, force: true });
  fs.mkdirSync(built, { recursive: true });
  for (const name of binariesOf(target)) {
    const binary = path.join(built, name);
    fs.copyFileSync(path.join(folder, 'build/Release', name), binary);
    if (target.os === 'linux') requireSymbols(binary, target);
    // macOS binds the addon's names when it loads it: those must stay.
    execFileSync(tools.STRIP ?? 'strip', [...(target.os === 'darwin' ? ['-x'] : []), binary]);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2).map(targetOf);
  for (const target of wanted.length > 0 ? wanted : [thisTarget()]) {
    build(target);
    console.log(`${target.name}: ${path.relative(root, builtFolder(target))}`);
  }
}
