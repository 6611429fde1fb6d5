// sigbridge/manager.
const assert = require('node:assert/strict');
const { createSignalManager } = require('sigbridge/manager');
const { turn } = require('./support.cjs');

module.exports = {
  'a manager calls its handlers in order': async () => {
    const manager = createSignalManager({ ref: true });
    const called = [];
    manager.handle('SIGHUP', () => void called.push('low'));
    manager.handle('SIGHUP', () => void called.push('high'), { priority: 1 });
    process.kill(process.pid, 'SIGHUP');
    while (called.length < 2) await turn();
    manager.close();
    assert.deepEqual(called, ['high', 'low']);
  },

  'one that hangs is left after its time, and its fallback speaks for it': async () => {
    const manager = createSignalManager({ ref: true });
    const hangs = { name: 'hangs', timeoutMs: 50, fallback: () => 'instead' };
    manager.handle('SIGHUP', () => new Promise(() => {}), hangs);
    const arrival = new Promise((resolve) => {
      manager.on('arrival', (event, results) => resolve(results));
    });
    process.kill(process.pid, 'SIGHUP');
    const [{ outcome, value }] = await arrival;
    manager.close();
    assert.deepEqual([outcome, value], ['timed-out', 'instead']);
  },
};
