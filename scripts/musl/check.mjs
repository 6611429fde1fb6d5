// Holds the native part to musl: a release's binaries for it are built, launcher and preload library run,
// and the engine's own tests. `npm run test:versions` loads the addon, in a runtime of musl's.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { build } from '../release/build.mjs';
import { builtFolder, root, targetOf } from '../release/targets.mjs';
import { muslCompilers } from './compilers.mjs';
import { testEngine } from './engine.mjs';

const out = path.join(root, '.cache/musl/check');
fs.rmSync(out, { recursive: true, force: true });
fs.mkdirSync(out, { recursive: true });
const target = targetOf(`linux-${process.arch}-musl`);
build(target);
const [launcher, preload] = ['sigbridge-run', 'sigbridge-preload.so'].map((name) =>
  path.join(builtFolder(target), name),
);
const { CC } = muslCompilers(target, { CC: 'gcc', CXX: 'g++' });

// A program of musl's, into which the library can go.
const quits = '#include <signal.h>\nint main(void) { signal(SIGHUP, SIG_IGN); return 7; }\n';
fs.writeFileSync(`${out}/quits.c`, quits);
execFileSync(CC, ['-c', `${out}/quits.c`, '-o', `${out}/quits.o`]);
execFileSync(CC, [`${out}/quits.o`, '-o', `${out}/quits`]);

const shown = (what, run, expected) => {
  const { status, signal, stderr } = run;
  const ended = signal ?? status;
  console.log(`musl: ${what}: ${ended}${stderr.toString()}`);
  if (ended !== expected) process.exitCode = 1;
};
const kill = 'kill -TERM $$';
shown('the launcher exits as its command', spawnSync(launcher, ['--', 'sh', '-c', 'exit 5']), 5);
shown(
  'as an init, it dies as its command',
  spawnSync(launcher, ['--init', '--', 'sh', '-c', kill]),
  'SIGTERM',
);
shown(
  'the preload library is loaded',
  spawnSync(`${out}/quits`, { env: { LD_PRELOAD: preload } }),
  7,
);
await testEngine(out, path.join(out, 'engine.json'));
