// Puts what lies beside the addon also beside the one that prebuildify ships: the launcher, and the
// library that `sigbridge trace` preloads. Run by prebuildify, which says in PREBUILD_* for what it
// builds.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';

const { PREBUILD_PLATFORM, PREBUILD_ARCH, PREBUILD_LIBC, PREBUILD_STRIP_BIN } = process.env;
const folder = `prebuilds/${PREBUILD_PLATFORM}-${PREBUILD_ARCH}`;
const names = ['sigbridge-run'];
if (PREBUILD_PLATFORM === 'linux') names.push('sigbridge-preload.so');
mkdirSync(folder, { recursive: true });
for (const name of names) {
  const shipped = `${folder}/${name}.${PREBUILD_LIBC}`;
  copyFileSync(`build/Release/${name}`, shipped);
  execFileSync(PREBUILD_STRIP_BIN, [shipped]);
}
