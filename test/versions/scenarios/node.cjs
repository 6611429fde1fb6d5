// What is so in Node alone.
const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { dirname, join } = require('node:path');
const sigbridge = require('sigbridge');
const { program, turn } = require('./support.cjs');

module.exports = {
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
    const main = join(dirname(require.resolve('sigbridge/package.json')), 'dist/cli/main.js');
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

  'under the permission model it works with addons and its own files allowed': () => {
    const flags = process.allowedNodeEnvironmentFlags;
    const restricted = flags.has('--permission') ? '--permission' : '--experimental-permission';
    const ownFiles = `--allow-fs-read=${join(__dirname, '..')}/`;
    if (!flags.has('--allow-addons')) {
      const { stdout } = program(
        `try { require('sigbridge').inspect('SIGINT'); } catch ({ message }) { console.log(message); }`,
        { flags: [restricted, ownFiles] },
      );
      assert.match(stdout, /loads no addons, whatever is allowed; take Node 20\.12 or newer/);
      return;
    }
    const { stdout } = program(
      `const { exitBySignal, on, send } = require('sigbridge');
      on('SIGHUP', ({ pid }) => { console.log(pid === process.pid); exitBySignal('SIGHUP'); }, { ref: true });
      send(process.pid, 'SIGHUP');`,
      { flags: [restricted, '--allow-addons', ownFiles] },
    );
    assert.equal(stdout, 'true\n');
  },
};
