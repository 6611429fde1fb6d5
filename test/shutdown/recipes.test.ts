import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import { openFolder, readDocument } from '../support/document';
import { guarded } from '../support/guard';
import { kill, killGroup, killGroupQuietly } from '../support/kill';
import { untilGone } from '../support/kernel';
import { UNSHARE } from '../support/unshare';

// The page's own program, ended as each platform ends it.
const page = readDocument(fs.readFileSync(path.join(__dirname, '../../docs/shutdown.md'), 'utf8'));
let folder: string;
beforeAll(() => {
  folder = openFolder(page, os.tmpdir());
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

interface Service {
  child: ChildProcess;
  port: number;
  /** The program's own, in its own namespace. */
  pid: number;
  /** All that is written from now on, when nobody is left who could. */
  output: Promise<string>;
  ended: Promise<[code: number | null, signal: NodeJS.Signals | null]>;
}

async function serve(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Service> {
  const [command = '', ...argv] = words;
  const child = spawn(command, argv, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  onTestEnd(() => {
    killGroupQuietly(child.pid);
  });
  const ended = once(child, 'exit') as Service['ended'];
  let text = '';
  const ready = new Promise<[number, number]>((resolve) => {
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      const found = /^(\d+) (\d+)\n/m.exec(text);
      if (found) resolve([Number(found[1]), Number(found[2])]);
    });
  });
  const output = once(child.stdout, 'end').then(() => text);
  const [port, pid] = await guarded(ready, () => `the service to listen\n${text}`);
  return { child, port, pid, output, ended };
}

const NODE = [process.execPath, 'service.mjs'];

test('Heroku: SIGTERM to every process of the dyno, twice, where npm start has made several', async () => {
  const script = `'${process.execPath}' service.mjs`;
  const program = { name: 'service', version: '1.0.0', scripts: { start: script } };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(program));
  const { child, pid, output } = await serve(['npm', 'start', '--silent'], { TOTAL_MS: '28000' });
  expect(pid).not.toBe(child.pid);
  killGroup(child.pid, 'SIGTERM');
  killGroup(child.pid, 'SIGTERM');
  expect(await output).toMatch(/\ndatabase closed\n$/);
  await untilGone(pid);
});

test('Docker: PID 1 of a namespace gets SIGTERM from outside', async () => {
  const launcher = [...UNSHARE, '-pf', '--kill-child', '--mount-proc'];
  const { child, pid, output, ended } = await serve([...launcher, ...NODE], { TOTAL_MS: '8500' });
  expect(pid).toBe(1);
  kill(onlyChild(child.pid), 'SIGTERM');
  expect(await output).toMatch(/\ndatabase closed\n$/);
  expect(await ended).toEqual([143, null]);
});

function onlyChild(pid = 0): number {
  return Number(fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}

async function used(agent: http.Agent, port: number): Promise<void> {
  const [answer] = (await once(http.get({ port, agent }), 'response')) as [http.IncomingMessage];
  await once(answer.resume(), 'close');
}

describe('Lambda: SIGTERM, and SIGKILL 300 ms later', () => {
  // The clock runs for all that this machine does besides: what could end in time has done so once.
  const TRIES = 20;

  test.each([
    ['nobody asks anything', undefined],
    ['a connection was just used, and is kept', new http.Agent({ keepAlive: true })],
  ])('%s', async (_what, agent) => {
    const seen: unknown[] = [];
    while (seen.length < TRIES && !seen.includes('SIGTERM')) {
      const { child, port, output, ended } = await serve(NODE, { TOTAL_MS: '250' });
      if (agent) await used(agent, port);
      kill(child.pid, 'SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 300);
      const [, signal] = await ended;
      clearTimeout(timer);
      seen.push(signal);
      if (signal === 'SIGTERM') expect(await output).toMatch(/\ndatabase closed\n$/);
    }
    agent?.destroy();
    expect(seen).toContain('SIGTERM');
  });
});
