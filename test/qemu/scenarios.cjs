// Run by run.mjs under qemu-user, started with SIGRTMIN+3 ignored.
const assert = require('node:assert/strict');
const sigbridge = require('sigbridge');

const cpu = process.argv[2];
const arrivalOf = (signal) => sigbridge.once(signal, { ref: true });

const scenarios = {
  'it is that processor': () => {
    assert.equal(process.arch, cpu);
    assert.equal(sigbridge.isSupported(), true);
  },

  'what was inherited is seen, and reset': () => {
    assert.ok(sigbridge.inherited().ignored.includes('SIGRTMIN+3'));
    assert.equal(sigbridge.inspect('SIGRTMIN+3').disposition, 'ignore');
    const changes = sigbridge.resetIgnored();
    assert.ok(changes.some(({ signal, after }) => signal === 'SIGRTMIN+3' && after === 'default'));
    assert.equal(sigbridge.inspect('SIGRTMIN+3').disposition, 'default');
  },

  'an ignore is set, and put back': () => {
    const change = sigbridge.ignore('SIGHUP');
    assert.equal(sigbridge.inspect('SIGHUP').disposition, 'ignore');
    sigbridge.restore(change);
    assert.equal(sigbridge.inspect('SIGHUP').disposition, change.before);
  },

  'a signal comes with its sender': async () => {
    const arrival = arrivalOf('SIGUSR2');
    sigbridge.send(process.pid, 'SIGUSR2');
    const { code, pid } = await arrival;
    assert.deepEqual([code, pid], ['SI_USER', process.pid]);
    assert.equal(sigbridge.inspect('SIGUSR2').disposition, 'default');
  },

  'a hundred real-time signals come in order, with their values': async () => {
    const values = [];
    const sent = Array.from({ length: 100 }, (_, count) => count - 50);
    await new Promise((resolve) => {
      const hear = ({ value }) => {
        if (values.push(value) === sent.length) resolve();
      };
      sigbridge.on('SIGRTMIN+6', hear, { ref: true });
      for (const value of sent) sigbridge.send(process.pid, 'SIGRTMIN+6', { value });
    });
    assert.deepEqual(values, sent);
  },

  'a flag is seen in a synchronous loop': () => {
    const flag = sigbridge.flag('SIGUSR2');
    sigbridge.send(process.pid, 'SIGUSR2');
    while (!flag.raised);
    assert.equal(flag.clear(), 1);
    flag.close();
  },

  'what a hold has kept is delivered': async () => {
    const hold = sigbridge.hold('SIGTERM');
    sigbridge.send(process.pid, 'SIGTERM');
    const arrival = arrivalOf('SIGTERM');
    assert.deepEqual({ ...hold.counts }, { SIGTERM: 1 });
    hold.release();
    assert.equal((await arrival).signal, 'SIGTERM');
  },

  'process.on and ours both hear': async () => {
    const heard = new Set();
    await new Promise((resolve) => {
      const hear = (who) => () => {
        if (heard.add(who).size === 2) resolve();
      };
      process.once('SIGHUP', hear('process.on'));
      sigbridge.on('SIGHUP', hear('ours'), { ref: true, once: true });
      process.kill(process.pid, 'SIGHUP');
    });
    assert.equal(heard.size, 2);
  },

  'a worker hears too': async () => {
    const { Worker } = require('node:worker_threads');
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      require(workerData).once('SIGUSR2', { ref: true }).then(({ pid }) => parentPort.postMessage(pid));
      parentPort.postMessage('ready');`;
    const worker = new Worker(code, { eval: true, workerData: require.resolve('sigbridge') });
    const message = () => new Promise((resolve) => worker.once('message', resolve));
    assert.equal(await message(), 'ready');
    const answer = message();
    process.kill(process.pid, 'SIGUSR2');
    assert.equal(await answer, process.pid);
    await worker.terminate();
  },

  'every wrong signal is refused': () => {
    for (const wrong of [NaN, -1, 65, 'sigint', '', null]) {
      assert.throws(() => sigbridge.inspect(wrong), { name: 'SignalError' });
    }
  },
};

process.exitCode = 1;
(async () => {
  for (const [name, run] of Object.entries(scenarios)) {
    await run();
    console.log(`  ok: ${name}`);
  }
  process.exit(0);
})().catch(console.error);
