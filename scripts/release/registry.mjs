// A registry on this machine alone: verdaccio, with nothing behind it.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts one with an empty storage in `folder`. `bin` is verdaccio's program. */
export async function startRegistry(bin, folder) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  fs.mkdirSync(folder, { recursive: true });
  const config = path.join(folder, 'config.yaml');
  const lines = [
    `storage: ${path.join(folder, 'storage')}`,
    'uplinks: {}',
    "packages: { '**': { access: $all, publish: $all } }",
    'log: { type: stdout, level: error }',
  ];
  fs.writeFileSync(config, `${lines.join('\n')}\n`);
  const server = spawn(
    process.execPath,
    [bin, '--config', config, '--listen', `127.0.0.1:${port}`],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    },
  );
  const failed = new Promise((_, reject) => {
    server.once('exit', (code) => reject(new Error(`verdaccio ended with ${code}`)));
  });
  const answers = async () => {
    for (;;) {
      const up = await fetch(`${url}-/ping`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (up) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await Promise.race([answers(), failed]);
  failed.catch(() => {});
  return {
    url,
    publish(tarball) {
      const token = `--//127.0.0.1:${port}/:_authToken=nobody`;
      const options = ['--registry', url, token, '--access', 'public', '--silent'];
      execFileSync('npm', ['publish', tarball, ...options], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    },
    stop: () => server.kill(),
  };
}
