// What a program of Alpine's finds on Alpine, and not beside glibc: GCC's C++ library for musl. Made of this
// machine's; good for what a runtime takes of it, not for its streams.
import fs from 'node:fs';
import path from 'node:path';
import { root, targetOf } from '../release/targets.mjs';
import { muslCompilers } from './compilers.mjs';

/** @returns {string} a folder for LD_LIBRARY_PATH */
export function cxxFolder(cpu = process.arch, tools = { CC: 'gcc', CXX: 'g++' }) {
  const folder = path.join(root, '.cache/musl', cpu, 'lib');
  const { cxxRuntime } = muslCompilers(targetOf(`linux-${cpu}-musl`), tools);
  fs.mkdirSync(folder, { recursive: true });
  cxxRuntime(path.join(folder, 'libstdc++.so.6'));
  return folder;
}
