// npm run bench:shutdown: each way to end a server, under each kind of load, in one run, in turns; SIGTERM comes
// in the middle. Writes docs/benchmark/shutdown.json, and from that docs/benchmark-shutdown.md with its plots.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { loads } from './clients.mjs';
import { writePage } from './page.mjs';

const LIBRARIES = [
  'sigbridge',
  'server.close',
  'http-terminator',
  'stoppable',
  '@godaddy/terminus',
  'http-graceful-shutdown',
  'close-with-grace',
];
const RUNS = Number(process.argv[2] ?? 10);
const CLIENTS = 20;
const BEFORE_MS = 300;
/** How long each is given, and when it is killed. */
const GRACE_MS = 3_000;
const PATIENCE_MS = 4_000;

const script = fileURLToPath(new URL('server.mjs', import.meta.url));

async function contest(library, { kind, run, clients = CLIENTS }) {
  const child = spawn(process.execPath, [script, library, kind, String(GRACE_MS)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const port = Number(String((await once(child.stdout, 'data'))[0]));
  const count = { good: 0, failed: 0 };
  const all = Array.from({ length: clients }, () => run(port, count));
  await new Promise((resolve) => setTimeout(resolve, BEFORE_MS));
  const began = performance.now();
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const [code, signal] = await ended;
  const ms = performance.now() - began;
  clearTimeout(late);
  await Promise.all(all);
  return { ...count, ms, exit: signal ?? code };
}

const median = (values) => [...values].sort((one, other) => one - other)[values.length >> 1];
const figures = [];
const load = loadavg().map((value) => value.toFixed(1));
for (const [name, kind] of Object.entries(loads)) {
  const runs = Object.fromEntries(LIBRARIES.map((library) => [library, []]));
  for (let i = 0; i < RUNS; i++) {
    for (const library of LIBRARIES) runs[library].push(await contest(library, kind));
  }
  for (const library of LIBRARIES) {
    const all = runs[library];
    figures.push({
      load: name,
      library,
      good: all.reduce((sum, { good }) => sum + good, 0),
      failed: all.reduce((sum, { failed }) => sum + failed, 0),
      ms: Math.round(median(all.map(({ ms }) => ms))),
      exits: [...new Set(all.map(({ exit }) => String(exit)))],
    });
    console.log(JSON.stringify(figures.at(-1)));
  }
}
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`;
const result = {
  date: new Date().toISOString(),
  node: process.version,
  machine,
  load,
  runs: RUNS,
  graceMs: GRACE_MS,
  patienceMs: PATIENCE_MS,
  figures,
};
const docs = new URL('../../docs/', import.meta.url);
writeFileSync(new URL('benchmark/shutdown.json', docs), `${JSON.stringify(result, null, 2)}\n`);
await writePage(result, docs);
