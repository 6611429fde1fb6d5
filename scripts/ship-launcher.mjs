// Puts the launcher beside the addon that prebuildify ships. Run by prebuildify, which says in
// PREBUILD_* for what it builds.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';

const { PREBUILD_PLATFORM, PREBUILD_ARCH, PREBUILD_LIBC, PREBUILD_STRIP_BIN } = process.env;
const folder = `prebuilds/${PREBUILD_PLATFORM}-${PREBUILD_ARCH}`;
const shipped = `${folder}/sigbridge-run.${PREBUILD_LIBC}`;
mkdirSync(folder, { recursive: true });
copyFileSync('build/Release/sigbridge-run', shipped);
execFileSync(PREBUILD_STRIP_BIN, [shipped]);
