// Worker threads.
const assert = require('node:assert/strict');
const { Worker } = require('node:worker_threads');
const sigbridge = require('sigbridge');

module.exports = {
  'a worker hears too': async () => {
    const worker = new Worker(require.resolve('./workers/listener.cjs'));
    const message = () => new Promise((resolve) => worker.once('message', resolve));
    assert.equal(await message(), 'ready');
    const answer = message();
    process.kill(process.pid, 'SIGUSR2');
    assert.equal(await answer, process.pid);
    void worker.terminate();
  },

  'a worker and the main thread each hear each signal': async () => {
    const worker = new Worker(require.resolve('./workers/listener.cjs'));
    const message = () => new Promise((resolve) => worker.once('message', resolve));
    assert.equal(await message(), 'ready');
    const answer = message();
    const ours = sigbridge.once('SIGUSR2', { ref: true });
    process.kill(process.pid, 'SIGUSR2');
    assert.deepEqual([await answer, (await ours).pid], [process.pid, process.pid]);
    void worker.terminate();
  },
};
