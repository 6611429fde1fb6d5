'use strict';

// A supervisor of three workers: what it is told, they are told; one that dies is started again.
// Ctrl+C reaches the workers by the terminal itself, and is not sent to them twice.
const { spawn } = require('node:child_process');
const { forwardTo } = require('sigbridge');

const program = process.argv[2] ?? 'sleep';
const argv = process.argv[2] ? process.argv.slice(3) : ['1000'];
let ending = false;
let running = 0;

function start(number) {
  const worker = spawn(program, argv, { stdio: 'inherit' });
  running++;
  forwardTo(worker, ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGTSTP']);
  console.log(`worker ${number} is ${worker.pid}`);
  worker.on('exit', (code, signal) => {
    console.log(`worker ${number} ended: ${signal ?? code}`);
    // A pause: the Ctrl+C that has ended it may be heard behind its end.
    setTimeout(() => {
      running--;
      if (!ending) start(number);
      else if (running === 0) console.log('all have ended');
    }, 100);
  });
}

for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => (ending = true));
for (const number of [1, 2, 3]) start(number);
