// Signals kept until somebody listens.
const assert = require('node:assert/strict');
const sigbridge = require('sigbridge');
const { program } = require('./support.cjs');

module.exports = {
  'what a hold has kept is delivered': async () => {
    const hold = sigbridge.hold('SIGTERM');
    sigbridge.send(process.pid, 'SIGTERM');
    const arrival = sigbridge.once('SIGTERM', { ref: true });
    assert.deepEqual({ ...hold.counts }, { SIGTERM: 1 });
    hold.release();
    assert.equal((await arrival).signal, 'SIGTERM');
  },

  'a program holds from its first import until it listens': () => {
    const { signal, stdout, stderr } = program(
      `import 'sigbridge/hold';
      import { exitBySignal, on } from 'sigbridge';
      process.kill(process.pid, 'SIGTERM');
      on('SIGTERM', ({ pid }) => {
        console.log(pid === process.pid);
        exitBySignal('SIGTERM');
      }, { ref: true });`,
      { module: true },
    );
    assert.deepEqual([stdout, stderr, signal], ['true\n', '', 'SIGTERM']);
  },
};
