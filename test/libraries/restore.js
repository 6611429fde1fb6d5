'use strict';

// ncurses on a terminal, and SIGTERM, at which it restores the terminal and ends the process: with a
// deferred bridge JavaScript comes first, and says when.
const { writeSync } = require('node:fs');
const { bridge, on, reset } = require('sigbridge');
const { ncurses } = require('./libraries.js');

reset('SIGTERM'); // it takes the signal over the default only, and Node has set a handler
ncurses().install();
const deferred = bridge('SIGTERM', { mode: 'deferred' });
process.on('SIGTERM', () => writeSync(1, 'process.on\r\n'));
on(
  'SIGTERM',
  (event) => {
    writeSync(1, `JavaScript first, then ${deferred.handlers[0]?.module}\r\n`);
    setTimeout(() => {
      deferred.forward(event);
      writeSync(1, 'still here\r\n');
    }, 50);
  },
  { ref: true },
);
writeSync(1, 'ready\r\n');
