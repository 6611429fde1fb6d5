// A project in which the packages are installed as a package manager does it, for each runtime to run in.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packHere } from '../../scripts/release/pack.mjs';
import { thisTarget } from '../../scripts/release/targets.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const project = path.join(root, '.cache/versions');

/** @returns {string} its folder */
export function makeProject() {
  fs.rmSync(project, { recursive: true, force: true });
  const [binaries, , main] = packHere();
  unpack(main, 'sigbridge');
  unpack(binaries, `@sigbridge/${thisTarget().name}`);
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

function unpack(tarball, name) {
  const to = path.join(project, 'node_modules', name);
  fs.mkdirSync(to, { recursive: true });
  execFileSync('tar', ['xf', tarball, '--strip-components=1', '-C', to]);
}
