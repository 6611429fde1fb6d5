// The engine's own tests with musl: its sources, the tests and GoogleTest's sources (Debian's googletest),
// compiled and linked for musl, and run by musl's loader. By zig, which has a C++ library made for musl:
// GoogleTest's streams ask more of it than GCC's own can do here.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { compileAll, lists, root, usualFlags } from '../compile-all.mjs';
import { zig, zigEnvironment } from '../zig.mjs';

const CPUS = { x64: 'x86_64', arm64: 'aarch64' };
const GTEST = '/usr/src/googletest/googletest';

/** @param {string} out a folder @param {string} result where GoogleTest writes */
export async function testEngine(out, result) {
  if (!fs.existsSync(GTEST)) throw new Error(`there is no ${GTEST}: apt-get install googletest`);
  const tests = fs.readdirSync(path.join(root, 'native/test')).filter((one) => one.endsWith('.cc'));
  const sources = {
    engine: [...lists.engine_sources, 'native/test/copy/engine_copy.cc'],
    tests: tests.map((one) => `native/test/${one}`),
    gtest: ['gtest-all', 'gtest_main'].map((name) => `${GTEST}/src/${name}.cc`),
  };
  const copies = ['A', 'B', 'C'].map((letter) => [
    letter,
    path.join(out, `engine_copy_${letter}.so`),
  ]);
  const target = ['-target', `${CPUS[process.arch]}-linux-musl`];
  const compiler = [zig(), 'c++', ...target];
  const common = [...compiler, '-D_GNU_SOURCE', '-pthread', '-fno-sanitize=undefined'];
  const flags = {
    engine: [...common, ...usualFlags],
    tests: [
      ...[...common, '-std=c++17', '-O1', '-Inative', '-isystem', `${GTEST}/include`],
      ...copies.map(([letter, file]) => `-DENGINE_COPY_${letter}="${file}"`),
    ],
    gtest: [...common, '-std=c++17', '-O1', `-I${GTEST}`, `-I${GTEST}/include`],
  };
  const objects = {};
  for (const [part, list] of Object.entries(sources)) {
    const { objectOf, failed } = await compileAll(flags[part], list, out, zigEnvironment);
    if (failed.length > 0) throw new Error(`musl: these do not compile: ${failed.join(', ')}`);
    objects[part] = list.map(objectOf);
  }
  // By zig's own command: its `c++` links for musl statically, and then nothing can be loaded.
  const link = (command, ...args) => {
    const flags = [command, ...target, '-dynamic', '-lc', '-lc++', ...args];
    execFileSync(zig(), flags, { stdio: 'inherit', env: zigEnvironment });
  };
  for (const [, file] of copies) link('build-lib', ...objects.engine, `-femit-bin=${file}`);
  const program = path.join(out, 'engine_test');
  const engine = objects.engine.slice(0, lists.engine_sources.length);
  const all = [...engine, ...objects.tests, ...objects.gtest];
  link('build-exe', ...all, `-femit-bin=${program}`);
  const env = { ...process.env, GTEST_OUTPUT: `json:${result}` };
  const { status, signal } = spawnSync(program, ['--gtest_brief=1'], { stdio: 'inherit', env });
  if (status !== 0) throw new Error(`the engine's tests with musl: ended with ${status ?? signal}`);
}
