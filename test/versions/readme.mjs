// The examples of README.md, as its reader types them, where `node` is another runtime.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnWith } from '../../dist/testing.js';
import { expected, patternOf, readDocument } from '../support/markdown.js';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));

/** What Node alone has: a handler of its own for SIGINT, under this name. */
const OF_NODE = 'here: handler, owner runtime, …SignalExit…';

/** A test for each command. @returns {{ name: string, run: () => Promise<void> }[]} */
export function examplesOfReadme({ kind, binary, args }, { project, env: more }) {
  const text = fs.readFileSync(readme, 'utf8');
  if (!text.includes(OF_NODE)) throw new Error(`README.md does not say '${OF_NODE}'`);
  const said = kind === 'node' ? text : text.replace(OF_NODE, 'here: …, owner …');
  const { files, commands } = readDocument(said);
  const folder = fs.mkdtempSync(path.join(project, 'readme-'));
  fs.symlinkSync('../examples', path.join(folder, 'examples'));
  for (const [name, content] of files) fs.writeFileSync(path.join(folder, name), content);
  const bin = fs.mkdtempSync(path.join(project, 'bin-'));
  const asNode = `#!/bin/sh\nexec '${binary}' ${args.join(' ')} "$@"\n`;
  fs.writeFileSync(path.join(bin, 'node'), asNode, { mode: 0o755 });
  const before = `${bin}:${path.join(project, 'node_modules/.bin')}`;
  const env = { PATH: `${before}:${process.env.PATH}`, NO_COLOR: '1', ...more };
  return commands
    .filter(({ needs }) => needs === '')
    .map((command) => ({ name: command.command, run: () => holds(command, folder, env) }));
}

async function holds(command, cwd, env) {
  const options = { pty: { cols: 300 }, cwd, env, timeoutMs: 60_000 };
  const program = await spawnWith(['sh', '-c', command.command], options);
  for (const part of command.output.split('^C').slice(0, -1)) {
    await program.waitFor(new RegExp(patternOf(part).replaceAll('\n', '\r\n')));
    program.write('\x03');
  }
  await program.exit;
  const shown = program.output.replaceAll('\r\n', '\n');
  if (!expected(command).test(shown)) throw new Error(`it showed:\n${shown}`);
}
