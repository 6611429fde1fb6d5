'use strict';

const { execFileSync } = require('node:child_process');
const { existsSync } = require('node:fs');

const PROGRAMS = {
  Python: ['python3', '--version'],
  Go: ['go', 'version'],
  // The one that builds the receiver: bench/peers/build.js.
  Rust: [existsSync('/usr/bin/rustc') ? '/usr/bin/rustc' : 'rustc', '--version'],
  C: ['cc', '--version'],
};

/** Of the peers' compilers and runtimes; what is not installed is not named. */
function versions() {
  const found = Object.entries(PROGRAMS).flatMap(([name, [command, ...args]]) => {
    const line = firstLine(command, args);
    return line === undefined ? [] : [[name, line]];
  });
  return Object.fromEntries(found);
}

function firstLine(command, args) {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'];
    return execFileSync(command, args, { encoding: 'utf8', stdio }).split('\n')[0];
  } catch {
    return undefined;
  }
}

module.exports = { versions };
