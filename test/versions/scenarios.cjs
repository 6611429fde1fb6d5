// Run by run.mjs in each runtime, started with SIGRTMIN+3 ignored.
const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const sigbridge = require('sigbridge');

const kind = process.argv[2];
const onNode = kind === 'node';

const nextEvent = (signal, options) => sigbridge.once(signal, { ref: true, ...options });

const scenarios = {
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
    const values = [];
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
      for (let value = 0; value < 1000; value++) {
        sigbridge.send(process.pid, 'SIGRTMIN+6', { value });
      }
    });
    assert.deepEqual(values, [...values.keys()]);
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
    const arrival = nextEvent('SIGTERM');
    assert.deepEqual({ ...hold.counts }, { SIGTERM: 1 });
    hold.release();
    assert.equal((await arrival).signal, 'SIGTERM');
  },

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

  'a worker hears too': async () => {
    const { Worker } = require('node:worker_threads');
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      const sigbridge = require(workerData);
      sigbridge.once('SIGUSR2', { ref: true }).then(({ pid }) => parentPort.postMessage(pid));
      parentPort.postMessage('ready');`;
    const worker = new Worker(code, { eval: true, workerData: require.resolve('sigbridge') });
    const message = () => new Promise((resolve) => worker.once('message', resolve));
    assert.equal(await message(), 'ready');
    const answer = message();
    process.kill(process.pid, 'SIGUSR2');
    assert.equal(await answer, process.pid);
    await worker.terminate();
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

  'a shutdown answers what is under way, and dies by the signal': () => {
    const { signal, stdout, stderr } = program(`
      const http = require('node:http');
      const { createShutdown, httpServer } = require('sigbridge/shutdown');
      const server = http.createServer((request, response) => {
        process.kill(process.pid, 'SIGTERM');
        shutdown.on('stageBegin', () => setTimeout(() => response.end('answered'), 100));
      });
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('http', httpServer(server));
      shutdown.stage('tell', ({ event }) => {
        console.log(event.signal, event.code, event.pid === process.pid);
      }, { after: 'http' });
      server.listen(0, async () => {
        const answer = await fetch('http://localhost:' + server.address().port);
        console.log(await answer.text());
      });`);
    assert.equal(stderr, '');
    assert.deepEqual(stdout.split('\n').sort(), ['', 'SIGTERM SI_USER true', 'answered']);
    assert.equal(signal, 'SIGTERM');
  },

  'a manager calls its handlers in order': async () => {
    const { createSignalManager } = require('sigbridge/manager');
    const manager = createSignalManager({ ref: true });
    const called = [];
    manager.handle('SIGHUP', () => void called.push('low'));
    manager.handle('SIGHUP', () => void called.push('high'), { priority: 1 });
    process.kill(process.pid, 'SIGHUP');
    while (called.length < 2) await turn();
    manager.close();
    assert.deepEqual(called, ['high', 'low']);
  },

  'the debug page shows how the signals stand': async () => {
    const http = require('node:http');
    const { debugHandler, dump } = require('sigbridge/debug');
    const handler = debugHandler();
    const server = http.createServer(handler);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const subscription = sigbridge.on('SIGHUP', () => {});
    const get = (file) => fetch(`http://127.0.0.1:${server.address().port}/${file}`);
    assert.match(await (await get('')).text(), /<title>/);
    const { signals } = await (await get('json')).json();
    assert.equal(signals.find(({ signal }) => signal === 'SIGHUP').owner, 'sigbridge');
    assert.match(String(dump()), /SIGHUP/);
    subscription.close();
    handler.close();
    server.close();
    server.closeAllConnections();
  },

  'every wrong signal is refused': () => {
    for (const wrong of [NaN, -1, 65, 'sigint', 'INT', '', null]) {
      assert.throws(() => sigbridge.inspect(wrong), { name: 'SignalError' });
    }
  },
};

const onNodeOnly = {
  ...require('./beside-node/scenarios.cjs'),

  'the owners of handlers are told apart': () => {
    process.on('SIGWINCH', () => {});
    const subscription = sigbridge.on('SIGALRM', () => {});
    const owner = (signal) => sigbridge.inspect(signal).owner;
    assert.deepEqual(
      ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGSEGV', 'SIGWINCH', 'SIGALRM', 'SIGXCPU'].map(owner),
      ['runtime', 'runtime', 'runtime', 'runtime', 'libuv', 'sigbridge', null],
    );
    subscription.close();
  },

  'a script that Ctrl+C may break leaves process.on and ours alone': async () => {
    const heard = [];
    const listener = () => heard.push('process.on');
    process.on('SIGINT', listener);
    const subscription = sigbridge.on('SIGINT', () => heard.push('ours'));
    require('node:vm').runInNewContext('1 + 1', {}, { breakOnSigint: true });
    process.kill(process.pid, 'SIGINT');
    while (heard.length < 2) await turn();
    assert.deepEqual(heard.sort(), ['ours', 'process.on']);
    process.removeListener('SIGINT', listener);
    subscription.close();
    await turn();
  },

  'where SIGCHLD is ignored, child_process hears of its children': async () => {
    const change = sigbridge.ignore('SIGCHLD', { force: true });
    let heard = 0;
    const subscription = sigbridge.on('SIGCHLD', () => heard++);
    assert.equal(spawnSync('sh', ['-c', 'exit 3']).status, 3);
    assert.deepEqual(await once(spawn('sh', ['-c', 'exit 4']), 'exit'), [4, null]);
    while (heard === 0) await turn();
    subscription.close();
    await turn();
    assert.equal(sigbridge.inspect('SIGCHLD').disposition, 'ignore');
    sigbridge.restore(change);
  },

  'the doctor reads its listeners, and in which loop it waits': () => {
    const main = join(__dirname, '../../dist/cli/main.js');
    // Who asks waits for the answer, and turns no event loop.
    const ask = () => {
      const argv = [main, 'doctor', String(process.pid), '--by', 'kill', '--json'];
      return JSON.parse(spawnSync(process.execPath, argv, { encoding: 'utf8' }).stdout);
    };
    assert.match(ask().verdict, /its handler runs: Node’s own, which ends it/);
    process.on('SIGINT', () => {});
    const { acts, causes } = ask();
    assert.equal(acts, false);
    assert.equal(causes[0].rule, 'event-loop-blocked');
    assert.match(causes[0].evidence.join('\n'), /and not on \d+, which is its event loop's/);
    assert.match(causes[0].evidence.join('\n'), /shows 1 of libuv’s watchers/);
    process.removeAllListeners('SIGINT');
  },

  'with addons and its own files allowed, it works under the permission model': () => {
    const flags = process.allowedNodeEnvironmentFlags;
    const restricted = flags.has('--permission') ? '--permission' : '--experimental-permission';
    const { stdout } = program(
      `const { exitBySignal, on, send } = require('sigbridge');
      on('SIGHUP', ({ pid }) => { console.log(pid === process.pid); exitBySignal('SIGHUP'); }, { ref: true });
      send(process.pid, 'SIGHUP');`,
      [restricted, '--allow-addons', `--allow-fs-read=${join(__dirname, '../..')}/`],
    );
    assert.equal(stdout, 'true\n');
  },

  'an ES module finds every name': async () => {
    const module = await import('sigbridge');
    for (const name of Object.keys(sigbridge)) assert.equal(module[name], sigbridge[name], name);
  },
};

/** Runs a program in the same runtime, to its end. */
function program(code, flags = []) {
  const args = { deno: ['run', '--allow-all', '--quiet'], bun: ['run'] }[kind] ?? [];
  const folder = mkdtempSync(join(__dirname, 'program-'));
  try {
    const file = join(folder, 'program.cjs');
    writeFileSync(file, code);
    const options = { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' };
    return spawnSync(process.execPath, [...args, ...flags, file], options);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function turn() {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

// A runtime that sees nothing to wait for ends before all has run.
process.exitCode = 1;
(async () => {
  const addon = readFileSync('/proc/self/maps', 'utf8').match(/\S+sigbridge\S*\.node/)[0];
  console.log(`  ${addon.split('/').slice(-3).join('/')}`);
  for (const [name, run] of Object.entries({ ...scenarios, ...(onNode ? onNodeOnly : {}) })) {
    await run();
    console.log(`  ok: ${name}`);
  }
  process.exitCode = 0;
})().catch(console.error);
