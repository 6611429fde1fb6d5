import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../base/native/load.js';

/** @internal The files of the page, as the build has put them beside this code. */
export const ASSETS: Readonly<Record<string, { file: string; type: string }>> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/icon.svg': { file: 'icon.svg', type: 'image/svg+xml' },
  '/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
};

const FOLDER = path.join(packageRoot(__dirname), 'dist/debug/page');
const read = new Map<string, string>();

/** @internal */
export function assetText(file: string): string {
  let text = read.get(file);
  if (text === undefined) read.set(file, (text = readFileSync(path.join(FOLDER, file), 'utf8')));
  return text;
}
