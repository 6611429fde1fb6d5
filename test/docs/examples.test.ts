import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { expected, readDocument, runCommand } from '../support/document';
import { allDocuments, holds } from '../support/examples';

const ROOT = path.join(__dirname, '../..');

const documents = allDocuments().map((name) => ({
  name,
  document: readDocument(fs.readFileSync(path.join(ROOT, name), 'utf8')),
}));

describe.each(documents)('the examples of $name', ({ document }) => {
  test('are all used', () => {
    const typed = document.commands.map(({ command }) => command);
    const used = [...typed, ...document.files.values()].join('\n');
    const unused = [...document.files.keys()].filter((file) => !used.includes(file));
    expect(unused).toEqual([]);
  });

  holds(document, { needs: '' });
});

test('the documents have examples of every kind', () => {
  const all = documents.map(({ document }) => document);
  expect(all.flatMap(({ files }) => [...files.keys()]).length).toBeGreaterThan(20);
  const commands = all.flatMap((document) => document.commands);
  expect(commands.length).toBeGreaterThan(20);
  expect(commands.filter(({ output }) => output.includes('^C')).length).toBeGreaterThan(1);
});

test('an example holds only when the terminal shows what it says', async () => {
  const block = ['```console', '$ echo one; echo 23', 'one', '2…', '$ echo one', 'on', '```'];
  const verdicts = readDocument(block.join('\n')).commands.map(async (command) => {
    const { shown } = await runCommand(command, ROOT);
    return expected(command).test(shown);
  });
  expect(await Promise.all(verdicts)).toEqual([true, false]);
});

function tour(env: NodeJS.ProcessEnv = {}): Promise<{ code: number | string; output: string }> {
  return new Promise((resolve) => {
    const script = path.join(ROOT, 'examples/tour.js');
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [script], options, (error, output) => {
      resolve({ code: error?.code ?? 0, output });
    });
  });
}

describe('the tour', () => {
  test('ends with success when each step was seen to work', async () => {
    const { code, output } = await tour();
    expect(output).toMatch(/All \d+ facts in 8 steps were seen to hold\.\n$/);
    expect(output).not.toContain('✗');
    expect(code).toBe(0);
  });

  // An `env` that ignores no signal, whatever it is told: what the tour looks for is not there then.
  test('fails when one was not, and says what it saw instead', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-env-'));
    try {
      fs.writeFileSync(path.join(folder, 'env'), '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
      const { code, output } = await tour({ PATH: `${folder}:${String(process.env['PATH'])}` });
      expect(output).toContain(
        [
          "       expected: [ 'SIGINT', 'SIGQUIT', 'SIGRTMIN+3' ]",
          "       seen:     [ 'SIGINT', 'SIGQUIT' ]",
        ].join('\n'),
      );
      expect(output).toMatch(/failed, of \d+ facts/);
      expect(code).toBe(1);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
