'use strict';

// The program that the tour starts and looks at. It does what it is asked for over a socket (its
// terminal is there for the Ctrl+C) and tells of every signal that it gets.

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const readline = require('node:readline');
const sigbridge = require('sigbridge');
const clib = require('../clib/build/Release/clib.node');

const socket = net.connect(process.env.TOUR_SOCKET);
let subscription;

const tell = (message) => {
  socket.write(`${JSON.stringify(message)}\n`);
};

const deeds = {
  look: () => ({
    self: sigbridge.readProcess(),
    parent: sigbridge.readProcess(process.ppid),
    inherited: sigbridge.inherited(),
  }),

  /** What a child of ours is given. Waits for its end: until then Node watches SIGCHLD. */
  async ignoredByChild() {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] });
    const { ignored } = sigbridge.readProcess(child.pid);
    child.stdin.end();
    await once(child, 'close');
    return ignored;
  },

  reset: () => sigbridge.resetIgnored(),

  installLibrary: () => clib.install(),
  libraryCalls: () => clib.calls(),

  stand: () => ({ signals: sigbridge.inspectAll(), process: sigbridge.readProcess() }),

  listen() {
    subscription = sigbridge.on(['SIGINT', 'SIGTERM', 'SIGRTMIN+3'], (event) => {
      const { signal, code, pid, uid, value } = event;
      tell({ event: { signal, code, pid, uid, value, sender: event.sender() } });
    });
  },

  close: () => subscription.close(),
  end: () => {
    setImmediate(() => socket.end());
  },
};

async function obey(name) {
  try {
    tell({ done: (await deeds[name]()) ?? null });
  } catch (error) {
    tell({ failed: error.stack });
  }
}

tell({ started: process.pid });
readline.createInterface({ input: socket }).on('line', obey);
