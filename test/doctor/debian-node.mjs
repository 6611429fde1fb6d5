// Debian's own Node, whose libuv is a library apart. Its package and NodeSource's exclude each other, so its files are only
// unpacked, into .cache.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../.cache/debian-node', import.meta.url));
const BINARY = path.join(FOLDER, 'usr/bin/node');

/** The words that start it. */
export function debianNode() {
  if (!fs.existsSync(BINARY)) unpack();
  const [libraries] = fs
    .readdirSync(path.join(FOLDER, 'usr/lib'))
    .filter((name) => name.includes('linux'));
  return ['env', `LD_LIBRARY_PATH=${path.join(FOLDER, 'usr/lib', libraries)}`, BINARY];
}

function unpack() {
  fs.mkdirSync(FOLDER, { recursive: true });
  const run = (command, ...argv) => execFileSync(command, argv, { cwd: FOLDER, encoding: 'utf8' });
  for (const name of ['nodejs', 'libnode108']) {
    const version = /\| (\S+dfsg\S+) \|/.exec(run('apt-cache', 'madison', name))?.[1];
    run('apt-get', 'download', '-qq', `${name}=${version}`);
  }
  for (const file of fs.readdirSync(FOLDER).filter((name) => name.endsWith('.deb'))) {
    run('dpkg', '-x', file, '.');
    fs.rmSync(path.join(FOLDER, file));
  }
}
