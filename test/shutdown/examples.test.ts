import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import { guarded } from '../support/guard';

const FOLDER = path.join(__dirname, '../../examples/shutdown');

// An example as a reader runs it.
async function example(name: string, firstLine: RegExp, argv: string[] = []) {
  const child = spawn(process.execPath, [path.join(FOLDER, name), ...argv]);
  onTestEnd(() => child.kill('SIGKILL'));
  const seen = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (seen.stderr += text));
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const match = async (): Promise<RegExpExecArray> => {
    for (;;) {
      const found = firstLine.exec(seen.stdout);
      if (found) return found;
      await once(child.stdout, 'data');
    }
  };
  const found = await guarded(match(), () => `${String(firstLine)} of ${name}: ${seen.stderr}`);
  return { child, seen, found, exit: guarded(closed, () => `the end of ${name}`) };
}

const stagesOf = (stderr: string): unknown[] =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { shutdown: string; name?: string; outcome?: string })
    .filter(({ shutdown }) => shutdown === 'stage')
    .map(({ name, outcome }) => `${name ?? ''} ${outcome ?? ''}`);

describe('the example', () => {
  test.each([
    ['express.js', ['http done', 'database done'], 'database closed'],
    ['fastify.js', ['http done', 'fastify done'], 'hooks run'],
  ])('%s answers what is under way and ends', async (name, stages, said) => {
    const { child, seen, found, exit } = await example(name, /listening on (\d+)/);
    const url = `http://localhost:${found[1] ?? ''}`;
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    const under = fetch(url);
    await fetch(`${url}/ready`);
    child.kill('SIGTERM');
    const response = await under;
    expect([response.status, await response.text()]).toEqual([200, 'hello\n']);
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(stagesOf(seen.stderr)).toEqual(stages);
    expect(seen.stdout).toContain(said);
  });

  test('queue-worker.js finishes its job', async () => {
    const { child, seen, exit } = await example('queue-worker.js', /job 1 begun/);
    child.kill('SIGTERM');
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(seen.stdout).toMatch(/job 1 begun\njob 1 done\nqueue closed\n$/);
  });

  test('queue-worker.js gives its job back when there is no time', async () => {
    const { child, seen, exit } = await example('queue-worker.js', /job 0 begun/);
    child.kill('SIGINT');
    while (!seen.stderr.includes('"begin"')) await once(child.stderr, 'data');
    child.kill('SIGINT');
    expect(await exit).toEqual([null, 'SIGINT']);
    expect(seen.stdout).toMatch(/job 0 given back\nqueue closed\n$/);
  });

  test('cli.js ends its child, takes its lock away, and dies by SIGINT', async () => {
    const { child, seen, found, exit } = await example('cli.js', /running; lock file (.*)\n/);
    const lock = found[1] ?? '';
    expect(fs.existsSync(lock)).toBe(true);
    child.kill('SIGINT');
    expect(await exit).toEqual([null, 'SIGINT']);
    expect(stagesOf(seen.stderr)).toEqual(['child done', 'lock done']);
    expect(fs.existsSync(lock)).toBe(false);
  });

  test('cli.js ends with 0 when its child does', async () => {
    const { exit } = await example('cli.js', /running/, ['0.1']);
    expect(await exit).toEqual([0, null]);
  });
});
