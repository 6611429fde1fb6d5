// Beside the runtime's own listeners.
const assert = require('node:assert/strict');
const sigbridge = require('sigbridge');
const { program, turn } = require('./support.cjs');

module.exports = {
  'process.on and ours both hear, and removing one leaves the other': async () => {
    const heard = { process: 0, ours: 0 };
    const listener = () => heard.process++;
    process.on('SIGHUP', listener);
    const subscription = sigbridge.on('SIGHUP', () => heard.ours++, { ref: true });
    const sendAndHear = async (expected) => {
      process.kill(process.pid, 'SIGHUP');
      while (JSON.stringify(heard) !== JSON.stringify(expected)) await turn();
    };
    await sendAndHear({ process: 1, ours: 1 });
    process.removeListener('SIGHUP', listener);
    await sendAndHear({ process: 1, ours: 2 });
    process.on('SIGHUP', listener);
    subscription.close();
    await sendAndHear({ process: 2, ours: 2 });
  },

  'process.on of one signal leaves what is listened to alone': async () => {
    const heard = [];
    const hear = ({ signal }) => heard.push(signal);
    const listener = () => {};
    const subscriptions = [sigbridge.on('SIGTERM', hear, { ref: true })];
    process.on('SIGWINCH', listener);
    await turn();
    subscriptions.push(sigbridge.on('SIGINT', hear));
    for (const signal of ['SIGTERM', 'SIGINT']) {
      process.kill(process.pid, signal);
      while (!heard.includes(signal)) await turn();
    }
    process.removeListener('SIGWINCH', listener);
    for (const subscription of subscriptions) subscription.close();
    await turn(); // libuv's watcher goes a turn after the last close
    assert.deepEqual(heard, ['SIGTERM', 'SIGINT']);
  },

  'process.on after ours still hears when ours has left': async () => {
    const heard = [];
    const listener = () => heard.push('process.on');
    const subscription = sigbridge.on('SIGHUP', () => heard.push('ours'), { ref: true });
    process.on('SIGHUP', listener);
    await turn();
    process.kill(process.pid, 'SIGHUP');
    while (heard.length < 2) await turn();
    subscription.close();
    await turn();
    process.kill(process.pid, 'SIGHUP');
    while (heard.length < 3) await turn();
    process.removeListener('SIGHUP', listener);
    assert.deepEqual(
      [heard.sort(), heard[2]],
      [['ours', 'process.on', 'process.on'], 'process.on'],
    );
  },

  'what sigbridge itself listens to is not counted, and goes': async () => {
    const names = ['exit', 'beforeExit', 'newListener', 'removeListener'];
    const counts = () =>
      names.map((name) => [
        process.listenerCount(name),
        process.listeners(name).length,
        process.rawListeners(name).length,
        process.eventNames().includes(name),
      ]);
    const keys = () => Reflect.ownKeys(process).length;
    const fresh = { counts: counts(), keys: keys() };
    const open = [sigbridge.on('SIGHUP', () => {}), sigbridge.hold('SIGUSR2')];
    assert.deepEqual(counts(), fresh.counts);
    await turn();
    assert.deepEqual(counts(), fresh.counts);
    for (const one of open) one.close();
    await turn();
    await turn();
    assert.deepEqual({ counts: counts(), keys: keys() }, fresh);
  },

  'and hears what comes in the last moments': () => {
    const last = (how) => `
      const { on, send } = require('sigbridge');
      on('SIGHUP', () => console.log('heard'));
      send(process.pid, 'SIGHUP');
      ${how}`;
    for (const how of ['', 'process.exit(0);']) {
      const { stdout, status } = program(last(how));
      assert.deepEqual([stdout, status], ['heard\n', 0]);
    }
  },
};
