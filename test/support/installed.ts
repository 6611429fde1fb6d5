import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { onTestEnd } from './cleanup';

const ROOT = path.join(__dirname, '../..');
const BUILT = path.join(ROOT, 'build/Release/sigbridge.node');

/** The package with the binaries, for glibc: that is where these tests run. */
export const PLATFORM = `${process.platform}-${process.arch}-glibc`;

/** A project that has the package without its native part; it is gone when the test is over. */
export function bareProject(): string {
  const project = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-bare-'));
  onTestEnd(() => {
    fs.rmSync(project, { recursive: true });
  });
  const installed = path.join(project, 'node_modules/sigbridge');
  fs.mkdirSync(installed, { recursive: true });
  fs.cpSync(path.join(ROOT, 'dist'), path.join(installed, 'dist'), { recursive: true });
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(installed, 'package.json'));
  return project;
}

/** Gives the project a native part: what `change` makes of the one that was built here. */
export function addNative(project: string, change: (binary: Buffer) => Buffer): void {
  const folder = path.join(project, `node_modules/@sigbridge/${PLATFORM}`);
  fs.cpSync(path.join(ROOT, 'native/index.js'), path.join(folder, 'native/index.js'));
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "main": "native/index.js" }');
  const binary = path.join(folder, 'build/Release/sigbridge.node');
  fs.mkdirSync(path.dirname(binary), { recursive: true });
  fs.writeFileSync(binary, change(fs.readFileSync(BUILT)));
}

/**
 * The binary as if it needed `wanted` (`'GLIBC_9.25'`) of the C library in place of `version`, which is as
 * long. The loader compares the name, and its hash (System V ABI, "Symbol Versioning").
 */
export function needing(binary: Buffer, version: string, wanted: string): Buffer {
  const changed = Buffer.from(binary);
  changed.write(`\0${wanted}\0`, changed.indexOf(`\0${version}\0`), 'latin1');
  const hash = Buffer.alloc(4);
  hash.writeUInt32LE(elfHash(version));
  for (let at = 0; (at = changed.indexOf(hash, at)) >= 0; at += 4) {
    changed.writeUInt32LE(elfHash(wanted), at);
  }
  return changed;
}

/** The binary as if it were linked against the library `wanted`, whose name is as long as that of `library`. */
export function loading(binary: Buffer, library: string, wanted: string): Buffer {
  const changed = Buffer.from(binary);
  changed.write(`\0${wanted}\0`, changed.indexOf(`\0${library}\0`), 'latin1');
  return changed;
}

function elfHash(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = ((hash << 4) + byte) >>> 0;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & ~high;
  }
  return hash >>> 0;
}
