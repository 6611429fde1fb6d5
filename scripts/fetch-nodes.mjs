// Puts a binary of each supported Node version into .cache/nodes/node_modules/node<major>/bin/node,
// for the test that loads one addon in all of them. They come from the npm registry, apart from
// devDependencies: half a gigabyte that `npm ci` need not bring to everybody.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const majors = [20, 22, 24, 26];
const folder = fileURLToPath(new URL('../.cache/nodes', import.meta.url));
const binary = (major) => path.join(folder, 'node_modules', `node${major}`, 'bin', 'node');
const missing = majors.filter((major) => !existsSync(binary(major)));

if (missing.length > 0) {
  const platform = `${process.platform}-${process.arch}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      ...missing.map((major) => `node${major}@npm:node-${platform}@${major}`),
    ],
    { stdio: 'inherit' },
  );
}

for (const major of majors) {
  const version = execFileSync(binary(major), ['--version'], { encoding: 'utf8' }).trim();
  if (!version.startsWith(`v${major}.`)) throw new Error(`${binary(major)} is ${version}`);
  console.log(`node${major}: ${version}`);
}
