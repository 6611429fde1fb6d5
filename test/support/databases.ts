import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { guarded } from './guard';
import { kill } from './kill';

/** A server of Debian's, in a folder of its own. PostgreSQL and Redis have a Unix socket there, and no port. */
export interface Database {
  folder: string;
  /** All that it has said so far. */
  log(): string;
  stop(): Promise<void>;
}

const PORT = '5432';

/** PostgreSQL: it does not run as root, and then takes the user that its package has made. */
export async function startPostgres(): Promise<Database> {
  const folder = newFolder();
  const user = process.getuid?.() === 0 ? postgresUser() : null;
  if (user !== null) fs.chownSync(folder, user.uid, user.gid);
  const root = '/usr/lib/postgresql';
  const bin = path.join(root, fs.readdirSync(root).sort().at(-1) ?? '', 'bin');
  const data = path.join(folder, 'data');
  const init = ['-D', data, '-A', 'trust', '-U', 'test', '--no-sync'];
  execFileSync(path.join(bin, 'initdb'), init, { cwd: folder, stdio: 'pipe', ...user });
  const settings = [
    'listen_addresses=',
    'fsync=off',
    'log_connections=on',
    'log_disconnections=on',
  ];
  return await startServer(
    path.join(bin, 'postgres'),
    ['-D', data, '-k', folder, '-p', PORT, ...settings.flatMap((setting) => ['-c', setting])],
    { folder, user, ready: 'ready to accept connections', end: 'SIGINT' },
  );
}

/** Redis: its socket is `redis` in the folder. */
export async function startRedis(): Promise<Database> {
  const folder = newFolder();
  const options = ['--port', '0', '--unixsocket', path.join(folder, 'redis'), '--save', ''];
  return await startServer('redis-server', [...options, '--loglevel', 'verbose'], {
    folder,
    user: null,
    ready: 'ready to accept connections',
    end: 'SIGTERM',
  });
}

interface How {
  folder: string;
  user: object | null;
  env?: NodeJS.ProcessEnv;
  /** What it says then. */
  ready: string;
  end: NodeJS.Signals;
}

/** Starts a server, and waits until it has said that it is ready. */
export async function startServer(
  command: string,
  argv: string[],
  { folder, user, env = process.env, ready, end }: How,
): Promise<Database> {
  const own = { cwd: folder, env, ...user };
  const child = spawn(command, argv, { ...own, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let text = '';
  const wanted = new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      text += String(chunk);
      if (text.includes(ready)) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('exit', () => {
      reject(new Error(`${command} ended:\n${text}`));
    });
  });
  await guarded(wanted, () => `${command} to be ready\n${text}`);
  return {
    folder,
    log: () => text,
    async stop() {
      kill(child.pid, end);
      await ended;
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function newFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-database-'));
}

function postgresUser(): { uid: number; gid: number } {
  const id = (what: string): number =>
    Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
