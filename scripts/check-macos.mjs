// Holds the native sources to macOS without a Mac: addon and launcher are compiled and linked, for both of
// its processors, against macOS' own headers, which call sem_init(3) and its like deprecated, and the list
// of what its libraries have. Nothing is run.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { addonSources, compileAll, lists, nodeFlags, root, usualFlags } from './compile-all.mjs';
import { importsOf } from './mach-o.mjs';
import { zig, zigEnvironment } from './zig.mjs';

const out = path.join(root, '.cache/macos');
const compiler = zig();
rmSync(out, { recursive: true, force: true });

/** Node's, and the C++ library's, which is one of the system's: as node-gyp links, left to whoever loads it. */
const MAY_BE_OPEN = /^_(napi|uv)_|^__Z(NK?St|St|n|d|S)|^___(cxa|gxx)_/;

for (const target of ['aarch64-macos', 'x86_64-macos']) {
  const sources = [...addonSources, ...lists.launch_sources];
  const command = [compiler, 'c++', '-target', target, ...usualFlags, ...nodeFlags, '-Werror'];
  const { objectOf, failed } = await compileAll(
    command,
    sources,
    `${out}/${target}`,
    zigEnvironment,
  );
  if (failed.length > 0) {
    console.error(`${target}: these do not compile: ${failed.join(', ')}`);
    process.exitCode = 1;
    continue;
  }
  const link = (name, list, ...more) => {
    const file = `${out}/${target}/${name}`;
    execFileSync(compiler, ['cc', '-target', target, ...list.map(objectOf), ...more, '-o', file], {
      ...{ cwd: root, env: zigEnvironment, stdio: ['ignore', 'inherit', 'inherit'] },
    });
    const imports = importsOf(readFileSync(file));
    const wrong = imports.filter(({ name, isLeftOpen }) => isLeftOpen && !MAY_BE_OPEN.test(name));
    if (wrong.length > 0) {
      console.error(`${target}: ${name} asks for ${wrong.map(({ name }) => name).join(', ')}`);
      process.exitCode = 1;
    }
    console.log(`${target}: ${name}: ${list.length} sources, ${imports.length} names asked for`);
  };
  link('sigbridge-run', lists.launch_sources);
  link('sigbridge.node', addonSources, '-shared', '-Wl,-undefined,dynamic_lookup');
}
