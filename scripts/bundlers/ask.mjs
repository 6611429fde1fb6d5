// Starts the server of a standalone Next beside it, asks it once, and ends it.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { createInterface } from 'node:readline';

const free = net.createServer().listen(0, '127.0.0.1');
await new Promise((resolve) => free.once('listening', resolve));
const { port } = free.address();
await new Promise((resolve) => free.close(resolve));

const server = spawn(process.execPath, ['app/server.js'], {
  env: { ...process.env, PORT: String(port), HOSTNAME: '127.0.0.1' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
server.once('exit', () => process.exit());
for await (const line of createInterface(server.stdout)) {
  if (!line.includes('Ready')) continue;
  const answer = await fetch(`http://127.0.0.1:${port}/heard`);
  console.log(await answer.text());
  break;
}
server.kill();
