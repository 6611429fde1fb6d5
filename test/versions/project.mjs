// A project in which the packages are installed as a package manager does it, for each runtime to run in.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { muslCompilers } from '../../scripts/musl/compilers.mjs';
import { build } from '../../scripts/release/build.mjs';
import { packAll, packHere } from '../../scripts/release/pack.mjs';
import { targetOf, thisTarget } from '../../scripts/release/targets.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** @returns {string} its folder */
export function makeProject() {
  const [binaries, , main] = packHere();
  return makeOf('.cache/versions', thisTarget(), binaries, main);
}

/** The same for musl, what else is native in it built anew. @returns {string} its folder */
export function makeMuslProject() {
  const target = targetOf(`linux-${process.arch}-musl`);
  build(target);
  const [binaries, , main] = packAll([target]);
  const project = makeOf('.cache/versions-musl', target, binaries, main);
  const { CC, CXX } = muslCompilers(target, { CC: 'gcc', CXX: 'g++' });
  for (const folder of ['node_modules/node-pty', 'examples/clib']) {
    fs.rmSync(path.join(project, folder, 'build'), { recursive: true, force: true });
    execFileSync('node-gyp', ['rebuild', '--loglevel=warn', '-C', path.join(project, folder)], {
      ...{ stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, CC, CXX } },
    });
  }
  return project;
}

function makeOf(folder, target, binaries, main) {
  const project = path.join(root, folder);
  fs.rmSync(project, { recursive: true, force: true });
  unpack(project, main, 'sigbridge');
  unpack(project, binaries, `@sigbridge/${target.name}`);
  fs.mkdirSync(path.join(project, 'node_modules/.bin'));
  fs.symlinkSync('../sigbridge/bin/sigbridge', path.join(project, 'node_modules/.bin/sigbridge'));
  const pty = path.join(project, 'node_modules/node-pty');
  fs.cpSync(path.join(root, 'node_modules/node-pty'), pty, { recursive: true });
  // Deno asks for them.
  const dependencies = { 'node-pty': '*', sigbridge: '*' };
  fs.writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ type: 'commonjs', dependencies }),
  );
  fs.cpSync(path.join(root, 'examples'), path.join(project, 'examples'), { recursive: true });
  const scenarios = path.join(root, 'test/versions/scenarios');
  fs.cpSync(scenarios, path.join(project, 'scenarios'), { recursive: true });
  return project;
}

function unpack(project, tarball, name) {
  const to = path.join(project, 'node_modules', name);
  fs.mkdirSync(to, { recursive: true });
  execFileSync('tar', ['xf', tarball, '--strip-components=1', '-C', to]);
}
