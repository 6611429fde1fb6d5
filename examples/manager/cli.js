'use strict';

// A long command: SIGUSR2 asks how far it is; Ctrl+C keeps what there is, as long as that takes at
// most a second, and then ends the command as the shell expects.
const { writeFile } = require('node:fs/promises');
const { join } = require('node:path');
const { tmpdir } = require('node:os');
const { exitBySignal } = require('sigbridge');
const { createSignalManager } = require('sigbridge/manager');

const manager = createSignalManager({ ref: true });
const file = join(tmpdir(), `sigbridge-progress-${process.pid}`);
let steps = 0;
setInterval(() => {
  if (steps++ === 0) console.log(`working ${process.pid}`);
}, 10);

manager.handle('SIGUSR2', () => console.log(`${steps} steps done`));
manager.handle('SIGINT', () => writeFile(file, String(steps)), {
  name: 'keep',
  priority: 1,
  timeoutMs: 1_000,
});
manager.on('result', ({ name, outcome }) => {
  if (name === 'keep') console.log(`progress kept: ${outcome}`);
});
manager.handle('SIGINT', ({ number }) => exitBySignal(number), { name: 'end' });
