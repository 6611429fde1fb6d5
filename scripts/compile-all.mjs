// Compiles native sources with any compiler, as many at a time as there are processors.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** The lists of native/sources.gypi by their names. @type {Record<string, string[]>} */
export const lists = JSON.parse(
  readFileSync(path.join(root, 'native/sources.gypi'), 'utf8'),
).variables;

/** What binding.gyp makes the addon of. */
export const addonSources = [
  'engine',
  'loop',
  'report',
  'dump',
  'script',
  'watchdog',
  'binding',
].flatMap((part) => lists[`${part}_sources`]);

/** How binding.gyp compiles, where it says so itself. */
export const usualFlags = [
  ...['-std=c++17', '-O2', '-fPIC', '-fno-exceptions', '-fno-rtti', '-fno-threadsafe-statics'],
  ...['-fvisibility=hidden', '-Wall', '-Wextra', '-Inative'],
];

/** For sources that include Node's headers. */
export const nodeFlags = [
  ...['-isystem', path.resolve(process.execPath, '../../include/node')],
  ...['-isystem', 'node_modules/node-addon-api'],
  ...['-DNAPI_VERSION=8', '-DNAPI_DISABLE_CPP_EXCEPTIONS'],
];

/**
 * @param {string[]} compiler the command with its flags
 * @param {string[]} sources as native/sources.gypi has them
 * @param {string} out a folder for the objects
 * @returns {Promise<{ objectOf: (source: string) => string, failed: string[] }>}
 */
export async function compileAll(compiler, sources, out, env = process.env) {
  mkdirSync(out, { recursive: true });
  const objectOf = (source) => path.join(out, `${source.replaceAll('/', '_')}.o`);
  const left = [...new Set(sources)];
  const failed = [];
  const work = async () => {
    for (let source = left.shift(); source !== undefined; source = left.shift()) {
      const [command, ...flags] = compiler;
      const child = spawn(command, [...flags, '-c', source, '-o', objectOf(source)], {
        ...{ cwd: root, env, stdio: 'inherit' },
      });
      const status = await new Promise((resolve, reject) => {
        child.on('error', reject).on('close', resolve);
      });
      if (status !== 0) failed.push(source);
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, work));
  return { objectOf, failed };
}
