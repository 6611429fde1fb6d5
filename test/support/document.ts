import fs from 'node:fs';
import path from 'node:path';

import { CTRL_C, onTerminal } from './pty';

const ROOT = path.join(__dirname, '../..');

/** What is too large to be a devDependency: npm run test:bundlers fetches it. */
export const FETCHED = path.join(ROOT, '.cache/bundlers');

/**
 * A document's examples. A fenced block ```js NAME is a file, in whatever language; a block ```console
 * is what a terminal shows: each line `$ COMMAND` is typed by the reader, as is a `^C`, and the lines
 * below are the answer, in which `…` stands for any text, and a line of it alone for any lines.
 * What comes after `console` is where the packages come from that it needs: see `Needs`.
 */
export interface Document {
  files: ReadonlyMap<string, string>;
  commands: readonly Command[];
}

/** Nothing but this repository; Debian's packages; the registry's, in `FETCHED`. */
export type Needs = '' | 'debian' | 'registry';

export interface Command {
  command: string;
  /** The line of the document, counted from 1. */
  line: number;
  needs: Needs;
  output: string;
}

const FENCE = /^```(\S*)[ \t]*(.*)\n([^]*?)^```$/gm;

/** @throws for a console block that begins without a command */
export function readDocument(markdown: string): Document {
  const files = new Map<string, string>();
  const commands: Command[] = [];
  for (const { 1: language, 2: name = '', 3: text = '', index } of markdown.matchAll(FENCE)) {
    if (language === 'console') {
      const line = markdown.slice(0, index).split('\n').length + 1;
      commands.push(...readConsole(text, line, needsOf(name)));
    } else if (name !== '') {
      files.set(name, text);
    }
  }
  return { files, commands };
}

function needsOf(word: string): Needs {
  if (word === '' || word === 'debian' || word === 'registry') return word;
  throw new Error(`console ${word}: what comes after it is debian, registry or nothing`);
}

function readConsole(text: string, firstLine: number, needs: Needs): Command[] {
  const commands: Command[] = [];
  for (const [at, line] of text.replace(/\n$/, '').split('\n').entries()) {
    if (line.startsWith('$ ')) {
      commands.push({ command: line.slice(2), line: firstLine + at, needs, output: '' });
      continue;
    }
    const last = commands.at(-1);
    if (last === undefined) throw new Error(`line ${String(firstLine + at)}: no command before`);
    last.output += `${line}\n`;
  }
  return commands;
}

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
  return { shown: terminal.output.replaceAll('\r\n', '\n'), code };
}

/** Whether what was shown is what the document says. */
export function expected({ output }: Command): RegExp {
  return new RegExp(`^${patternOf(output)}$`);
}

function patternOf(text: string): string {
  return text
    .replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    .replace(/^…\n/gm, '(?:.*\\n)*?')
    .replaceAll('…', '.*');
}
