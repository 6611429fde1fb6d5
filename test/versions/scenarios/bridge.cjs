// Beside a C library with a handler of its own.
const assert = require('node:assert/strict');
const { basename } = require('node:path');
const sigbridge = require('sigbridge');
const library = require('../examples/clib/build/Release/clib.node');

module.exports = {
  "a C library's handler is called too, and is back in place in the end": async () => {
    library.install();
    const before = sigbridge.inspect('SIGINT');
    const heard = sigbridge.once('SIGINT', { ref: true });
    const { chain } = sigbridge.inspect('SIGINT');
    assert.deepEqual(
      chain.map(({ owner }) => owner),
      ['sigbridge', 'native'],
    );
    process.kill(process.pid, 'SIGINT');
    assert.equal((await heard).pid, process.pid);
    assert.equal(library.calls(), 1);
    assert.deepEqual(sigbridge.inspect('SIGINT'), before);
  },

  'a bridge calls it before JavaScript is told': async () => {
    library.install();
    const bridge = sigbridge.bridge('SIGINT', { order: 'native-first' });
    const heard = sigbridge.once('SIGINT', { ref: true });
    process.kill(process.pid, 'SIGINT');
    await heard;
    assert.equal(library.calls(), 1);
    bridge.close();
    assert.equal(sigbridge.inspect('SIGINT').owner, 'native');
  },

  'a deferred bridge calls it when JavaScript says so': async () => {
    library.install();
    const bridge = sigbridge.bridge('SIGINT', { mode: 'deferred' });
    const heard = sigbridge.once('SIGINT', { ref: true });
    process.kill(process.pid, 'SIGINT');
    const event = await heard;
    assert.equal(library.calls(), 0);
    bridge.forward(event);
    assert.equal(library.calls(), 1);
    bridge.close();
  },

  'a library that comes later is noticed, and taken into the chain': async () => {
    const subscription = sigbridge.on('SIGINT', () => {}, { ref: true });
    library.install();
    const [{ signal, by }] = sigbridge.displaced();
    assert.deepEqual([signal, basename(by.module)], ['SIGINT', 'clib.node']);
    sigbridge.reclaim('SIGINT');
    const heard = sigbridge.once('SIGINT', { ref: true });
    process.kill(process.pid, 'SIGINT');
    await heard;
    assert.equal(library.calls(), 1);
    subscription.close();
  },
};
