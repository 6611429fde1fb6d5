import fs from 'node:fs';
import path from 'node:path';

import { patternOf, type Command, type Document } from './markdown';
import { CTRL_C, onTerminal } from './pty';

export { expected, readDocument, type Command, type Document, type Needs } from './markdown';

const ROOT = path.join(__dirname, '../..');

/** What is too large to be a devDependency: npm run test:bundlers fetches it. */
export const FETCHED = path.join(ROOT, '.cache/bundlers');

/** A folder as a reader has it: the document's files, and the package installed. It is made in `above`. */
export function openFolder({ files }: Document, above: string): string {
  const folder = fs.mkdtempSync(path.join(above, 'sigbridge-document-'));
  fs.mkdirSync(path.join(folder, 'node_modules/.bin'), { recursive: true });
  const link = (target: string, name: string): void => {
    fs.symlinkSync(path.join(ROOT, target), path.join(folder, name));
  };
  link('.', 'node_modules/sigbridge');
  link('bin/sigbridge', 'node_modules/.bin/sigbridge');
  link('examples', 'examples');
  for (const name of packagesOf([...files.values()].join('\n'))) {
    fs.mkdirSync(path.join(folder, 'node_modules', path.dirname(name)), { recursive: true });
    link(path.join('node_modules', name), path.join('node_modules', name));
  }
  for (const [name, text] of files) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

/** The packages of others that a document's files load, and that this repository has. */
function packagesOf(text: string): Set<string> {
  const loaded = text.matchAll(/(?:require\(|from )'((?:@[\w.-]+\/)?[\w-][\w.-]*)/g);
  const names = [...loaded].map(([, name]) => String(name));
  return new Set(names.filter((name) => fs.existsSync(path.join(ROOT, 'node_modules', name))));
}

/** What the terminal shows for a command; `code` is its exit code. */
export async function runCommand(
  { command, output }: Pick<Command, 'command' | 'output'>,
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ shown: string; code: number }> {
  const terminal = onTerminal(['sh', '-c', command], {
    cols: 300,
    cwd: folder,
    env: {
      ...env,
      // What `npx` adds, without npx's own second of work.
      PATH: `${path.join(folder, 'node_modules/.bin')}:${String(env['PATH'] ?? process.env['PATH'])}`,
      NO_COLOR: '1',
    },
  });
  const parts = output.split('^C');
  for (const part of parts.slice(0, -1)) {
    await terminal.waitFor(new RegExp(patternOf(part).replaceAll('\n', '\r\n')));
    terminal.write(CTRL_C);
  }
  const { code } = await terminal.exit;
  return { shown: terminal.output.replaceAll(/\r+\n?/g, '\n'), code };
}
