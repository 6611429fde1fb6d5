// Looking, changing, receiving. Started with SIGRTMIN+3 ignored.
const assert = require('node:assert/strict');
const sigbridge = require('sigbridge');

const turn = () => new Promise((resolve) => setImmediate(resolve));
const nextEvent = (signal) => sigbridge.once(signal, { ref: true });

module.exports = {
  'what was inherited is seen, reset, and gone from /proc': () => {
    assert.ok(sigbridge.inherited().ignored.includes('SIGRTMIN+3'));
    assert.equal(sigbridge.inspect('SIGRTMIN+3').disposition, 'ignore');
    const changes = sigbridge.resetIgnored();
    assert.ok(changes.some(({ signal, after }) => signal === 'SIGRTMIN+3' && after === 'default'));
    assert.ok(!sigbridge.readProcess().ignored.includes('SIGRTMIN+3'));
  },

  'an ignore is set, and put back': () => {
    const change = sigbridge.ignore('SIGHUP');
    assert.ok(sigbridge.readProcess().ignored.includes('SIGHUP'));
    sigbridge.restore(change);
    assert.equal(sigbridge.inspect('SIGHUP').disposition, change.before);
  },

  'a signal comes with its sender': async () => {
    const arrival = nextEvent('SIGUSR2');
    sigbridge.send(process.pid, 'SIGUSR2');
    const event = await arrival;
    assert.deepEqual([event.code, event.pid], ['SI_USER', process.pid]);
    assert.equal(sigbridge.inspect('SIGUSR2').disposition, 'default');
  },

  'a thousand real-time signals come in order, with their values': async () => {
    const threads = () => sigbridge.readProcess().threads.map(({ tid }) => tid);
    const values = [];
    const warnings = [];
    process.on('warning', ({ name }) => warnings.push(name));
    let told;
    await new Promise((resolve) => {
      const subscription = sigbridge.on(
        'SIGRTMIN+6',
        ({ value }) => {
          values.push(value);
          if (values.length < 1000) return;
          subscription.close();
          resolve();
        },
        { ref: true },
      );
      told = new Set(threads());
      for (let value = 0; value < 1000; value++) {
        sigbridge.send(process.pid, 'SIGRTMIN+6', { value });
      }
    });
    // A thread that the runtime starts meanwhile, as Bun does, may take one out of turn, which is said.
    const late = threads().filter((tid) => !told.has(tid)).length;
    const overtaken = values.filter((value, index) => value < Math.max(...values.slice(0, index)));
    assert.ok(overtaken.length <= late, `${overtaken} come late, beside ${late} new threads`);
    await turn();
    if (overtaken.length > 0) assert.deepEqual(warnings, ['SignalOrderWarning']);
    assert.deepEqual(
      values.sort((a, b) => a - b),
      [...values.keys()],
    );
  },

  'a flag is seen in a synchronous loop': () => {
    const flag = sigbridge.flag('SIGUSR2');
    sigbridge.send(process.pid, 'SIGUSR2');
    while (!flag.raised);
    assert.equal(flag.clear(), 1);
    flag.close();
  },

  'every wrong signal is refused': () => {
    for (const wrong of [NaN, -1, 65, 'sigint', 'INT', '', null]) {
      assert.throws(() => sigbridge.inspect(wrong), { name: 'SignalError' });
    }
  },

  'an ES module finds every name': async () => {
    const module = await import('sigbridge');
    for (const name of Object.keys(sigbridge)) assert.equal(module[name], sigbridge[name], name);
  },
};
