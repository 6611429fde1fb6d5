'use strict';

// The program of a scenario's process: `node inside.js REPORT_FD SOURCE ARGS`. It must not change
// what it is there to watch: it sends with plain writes, and opens what it reads only when asked.

const fs = require('node:fs');
const { createRequire } = require('node:module');
const net = require('node:net');
const path = require('node:path');
const { setImmediate: turn } = require('node:timers/promises');
const { decode, encode } = require('./wire.js');

const TELL_FD = 4;
const FIXTURES = path.join(__dirname, '../fixtures/build/Release');

const [reportFd, source, args] = process.argv.slice(2);
const requireAsTest = createRequire(path.join(__dirname, 'scenario.js'));

// Written before it returns: a report is seen even when a signal ends the process right after it.
function send(type, value) {
  let rest = Buffer.from(`${encode({ type, value })}\n`);
  while (rest.length > 0) rest = rest.subarray(fs.writeSync(Number(reportFd), rest));
}

let told;

function openTold() {
  const socket = new net.Socket({ fd: TELL_FD, writable: false }).setEncoding('utf8');
  const lines = [];
  const waiting = [];
  let text = '';
  socket.on('data', (chunk) => {
    const parts = (text + chunk).split('\n');
    text = parts.pop();
    for (const part of parts) {
      if (waiting.length > 0) waiting.shift()(part);
      else lines.push(part);
    }
    if (waiting.length === 0) socket.unref();
  });
  socket.unref();
  return { socket, lines, waiting };
}

async function next() {
  told ??= openTold();
  if (told.lines.length > 0) return decode(told.lines.shift());
  // Only who waits for the test keeps the event loop alive.
  told.socket.ref();
  return decode(await new Promise((resolve) => told.waiting.push(resolve)));
}

// A signal lies in a pipe or an eventfd when its handler returns, and the next turn reads it; what
// is handed on late comes in the turn after that.
async function settle() {
  for (let turns = 0; turns < 6; turns++) await turn();
}

const inside = {
  require: requireAsTest,
  args: decode(args),
  importModule: (specifier) => import(specifier),
  report: (value) => send('report', value),
  next,
  settle,
  fixture: (name) => requireAsTest(path.join(FIXTURES, `${name}.node`)),
  // Loaded when the scenario names it, so that it can also be loaded late, or not at all.
  get sigbridge() {
    return requireAsTest('sigbridge');
  },
};

async function main() {
  send('started', { pid: process.pid, namespace: fs.readlinkSync('/proc/self/ns/pid') });
  const scenario = new Function('require', `return (${source}\n)`)(requireAsTest);
  try {
    await scenario(inside);
  } catch (error) {
    send('failed', String(error?.stack ?? error));
    process.exit(1);
  }
}

void main();
