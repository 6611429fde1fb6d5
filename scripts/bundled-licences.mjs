import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * A rollup plugin: puts the licences of the packages that were built in beside the files, and fails
 * where a declaration names such a package, which the user of that declaration has not got.
 */
export function bundledLicences() {
  return {
    name: 'bundled-licences',
    generateBundle({ dir }) {
      const folders = foldersOf(
        [...this.getModuleIds()].filter((id) => this.getModuleInfo(id).isIncluded),
      );
      const source = folders.map(licenceOf).join(`\n${'-'.repeat(79)}\n\n`);
      this.emitFile({ type: 'asset', fileName: 'LICENSES.bundled.txt', source });
      if (dir !== undefined) requireNoLeak(dir, folders);
    },
  };
}

function foldersOf(files) {
  const found = files.map((file) => /.*node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0]);
  return [...new Set(found)].filter((folder) => folder?.startsWith(path.sep)).sort();
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(
    readFileSync(path.join(folder, 'package.json'), 'utf8'),
  );
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${folder} has no licence file: it may not be built in`);
  const text = readFileSync(path.join(folder, file), 'utf8').trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

function requireNoLeak(dist, folders) {
  const names = folders.map((folder) => folder.replace(/^.*node_modules[\\/]/, ''));
  for (const file of readdirSync(dist, { recursive: true })) {
    if (!file.endsWith('.d.ts')) continue;
    const text = readFileSync(path.join(dist, file), 'utf8');
    const name = names.find((each) => text.includes(`'${each}'`) || text.includes(`"${each}"`));
    if (name !== undefined) throw new Error(`${file} names ${name}, which is built in`);
  }
}
