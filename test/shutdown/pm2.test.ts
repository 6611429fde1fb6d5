import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');
const PM2 = path.join(ROOT, 'node_modules/pm2/bin/pm2');

/**
 * Tells what PM2 has said, and how it went: in a file, as PM2 does not always keep what a program of a
 * cluster writes last.
 */
const SERVER = `
const http = require('node:http');
const { appendFileSync } = require('node:fs');
const tell = (...words) => appendFileSync(__dirname + '/told', words.join(' ') + '\\n');
const { createShutdown, httpServer, supervisor } = require(${JSON.stringify(ROOT)} + '/dist/shutdown.js');
const server = http.createServer((request, response) => response.end('hello'));
const shutdown = createShutdown({ progress: 'none' });
shutdown.stage('http', httpServer(server));
shutdown.on('begin', ({ trigger, message }) => tell('begin', trigger, message));
process.on('exit', (code) => tell('exit', code));
const told = supervisor(shutdown);
// Long after PM2 would have taken it for ready by itself.
server.listen(0, () => setTimeout(() => tell('ready', told.kind, told.ready()), 500));
`;

let home = '';

async function pm2(...args: string[]): Promise<string> {
  const env = { ...process.env, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true' };
  const { stdout } = await promisify(execFile)(process.execPath, [PM2, ...args], { env });
  return stdout;
}

describe('PM2 itself', () => {
  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-pm2-'));
  });
  afterEach(async () => {
    await pm2('kill');
    fs.rmSync(home, { recursive: true, force: true });
  });

  test.each([
    ['fork', false, 'begin signal SIGINT', 'exit 130'],
    ['fork', true, 'begin call asked by PM2', 'exit 0'],
    ['cluster', false, 'begin signal SIGINT', 'exit 130'],
    ['cluster', true, 'begin call asked by PM2', 'exit 0'],
  ])(
    'waits for ready, and has the program end in order (%s, by a message: %s)',
    async (mode, byMessage, begin, exit) => {
      const script = path.join(home, 'server.cjs');
      const output = path.join(home, 'output');
      const told = path.join(home, 'told');
      fs.writeFileSync(script, SERVER);
      const app = {
        name: 'server',
        script,
        exec_mode: mode,
        instances: 1,
        wait_ready: true,
        listen_timeout: 60_000,
        kill_timeout: 60_000,
        shutdown_with_message: byMessage,
        autorestart: false,
        out_file: output,
        error_file: output,
        merge_logs: true,
      };
      fs.writeFileSync(path.join(home, 'apps.json'), JSON.stringify({ apps: [app] }));
      const lines = (): string[] => fs.readFileSync(told, 'utf8').trim().split('\n');
      await pm2('start', path.join(home, 'apps.json'));
      expect(lines()).toEqual(['ready pm2 true']);
      await pm2('stop', 'server');
      expect(lines()).toEqual(['ready pm2 true', begin, exit]);
    },
    120_000,
  );
});
