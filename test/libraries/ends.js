'use strict';

// ends.js LIBRARY SIGNAL: a library that ends the process at this signal. With a deferred bridge
// JavaScript comes first, and says when.
const { writeSync } = require('node:fs');
const { bridge, inspect, on } = require('sigbridge');
const libraries = require('./libraries.js');

const [name, signal] = process.argv.slice(2);
const library = libraries[name](signal, inspect(signal).number);
library.install('ends');
const deferred = bridge(signal, { mode: 'deferred' });
let event;
let heard = 0;

// When both have heard it.
function forward() {
  if (++heard < 2) return;
  deferred.forward(event);
  if (library.ends) writeSync(1, 'still here\r\n');
}

process.on(signal, () => {
  writeSync(1, 'process.on\r\n');
  forward();
});
on(
  signal,
  (arrived) => {
    writeSync(1, `JavaScript first, then ${deferred.handlers[0]?.module}\r\n`);
    event = arrived;
    forward();
  },
  { ref: true },
);
writeSync(1, 'ready\r\n');
