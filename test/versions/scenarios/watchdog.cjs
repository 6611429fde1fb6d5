// The native thread that sees what JavaScript does not take.
const assert = require('node:assert/strict');
const sigbridge = require('sigbridge');
const { program, turn } = require('./support.cjs');

module.exports = {
  'a watchdog leaves process.on after it alone': async () => {
    let heard = 0;
    const listener = () => heard++;
    const watchdog = sigbridge.watchdog({ signals: 'SIGHUP' });
    process.on('SIGHUP', listener);
    await turn();
    for (let sent = 1; sent <= 3; sent++) {
      process.kill(process.pid, 'SIGHUP');
      while (heard < sent) await turn();
    }
    process.removeListener('SIGHUP', listener);
    watchdog.close();
  },

  'a watchdog ends a process that is stuck beside process.on': () => {
    const { signal, stderr } = program(`
      const { watchdog } = require('sigbridge');
      watchdog({ signals: 'SIGTERM', afterMs: 200, then: 'exit' });
      process.on('SIGTERM', () => {});
      setTimeout(() => {
        process.kill(process.pid, 'SIGTERM');
        for (;;);
      }, 50);`);
    assert.match(stderr, /sigbridge watchdog: SIGTERM has not been taken/);
    assert.equal(signal, 'SIGTERM');
  },

  'a watchdog changes nothing where nobody listens': () => {
    const { signal } = program(`
      require('sigbridge').watchdog({ signals: 'SIGTERM' });
      process.on('SIGUSR2', () => {});
      setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50);`);
    assert.equal(signal, 'SIGTERM');
  },

  'a watchdog ends a process in which a listener of ours is stuck': () => {
    const { signal, stderr } = program(`
      const { on, watchdog } = require('sigbridge');
      watchdog({ signals: 'SIGTERM', afterMs: 200, then: 'exit' });
      on('SIGTERM', () => {}, { ref: true });
      setTimeout(() => {
        process.kill(process.pid, 'SIGTERM');
        for (;;);
      }, 50);`);
    assert.match(stderr, /sigbridge watchdog: SIGTERM has not been taken/);
    assert.equal(signal, 'SIGTERM');
  },
};
