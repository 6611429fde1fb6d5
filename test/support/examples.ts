import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { expected, FETCHED, openFolder, runCommand, type Document, type Needs } from './document';

const ROOT = path.join(__dirname, '../..');

/** The README in both languages, and docs/. */
export function allDocuments(): string[] {
  const docs = fs.readdirSync(path.join(ROOT, 'docs')).map((name) => `docs/${name}`);
  return ['README.md', 'README.zh-CN.md', ...docs.filter((name) => name.endsWith('.md'))];
}

/**
 * A test for each command of the document that has these needs: the terminal shows what it says.
 */
export function holds(
  document: Document,
  { needs, env = {} }: { needs: Needs; env?: NodeJS.ProcessEnv },
): void {
  const commands = document.commands.filter((command) => command.needs === needs);
  if (commands.length === 0) return;
  let folder = '';
  beforeAll(() => {
    folder = openFolder(document, needs === 'registry' ? FETCHED : os.tmpdir());
  });
  afterAll(() => {
    fs.rmSync(folder, { recursive: true });
  });

  for (const command of commands) {
    test(`line ${String(command.line)}: ${command.command}`, async () => {
      const { shown, code } = await runCommand(command, folder, env);
      expect(shown).toMatch(expected(command));
      expect(code).toBe(0);
    });
  }
}
