// Publishes what release:pack has made, `sigbridge` last, so that nobody can install it without the
// packages that it names. Run once more, it goes on where it has stopped. Its options are npm's.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root, targets, work } from './targets.mjs';

const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const tag = process.env.GITHUB_REF_TYPE === 'tag' ? process.env.GITHUB_REF_NAME : `v${version}`;
if (tag !== `v${version}`) {
  console.error(
    `The tag is ${tag}, and package.json says ${version}: expected the tag v${version}.`,
  );
  process.exit(1);
}
const scoped = [...targets.map(({ name }) => name), 'source'].map((name) => `@sigbridge/${name}`);
for (const name of [...scoped, 'sigbridge']) {
  const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
  const there = spawnSync('npm', ['view', `${name}@${version}`, 'version'], { encoding: 'utf8' });
  if (there.stdout.trim() === version) {
    console.log(`${name}@${version} is there`);
    continue;
  }
  const options = ['--access', 'public', ...process.argv.slice(2)];
  execFileSync('npm', ['publish', path.join(work, 'tarballs', file), ...options], {
    stdio: 'inherit',
  });
}
