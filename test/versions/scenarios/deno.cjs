// What is so in Deno alone: its permissions.
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');

const folder = join(__dirname, '..');
const NARROW = [`--allow-read=${folder}`, '--allow-env', '--no-prompt'];

function denoRun(flags, code) {
  const file = join(folder, 'permissions.cjs');
  writeFileSync(file, code);
  return spawnSync(process.execPath, ['run', '--quiet', ...flags, file], { encoding: 'utf8' });
}

module.exports = {
  'without --allow-ffi it says so, and with what it names added it works': () => {
    const code = `const { isSupported, on, raise } = require('sigbridge');
      for (const entry of ['debug', 'hold', 'manager', 'shutdown', 'testing']) require('sigbridge/' + entry);
      if (!isSupported()) {
        try { on('SIGHUP', () => {}); } catch ({ code, message }) { console.log(code, message); }
      } else {
        const subscription = on('SIGHUP', ({ signal }) => {
          subscription.close();
          console.log(signal);
        }, { ref: true });
        raise('SIGHUP');
      }`;
    const { stdout, stderr } = denoRun(NARROW, code);
    assert.match(
      stdout,
      /^ERR_UNSUPPORTED .*Deno has not given it the permission.*--allow-ffi\.\n$/,
    );
    assert.match(stderr, /^\S*.*SignalHoldWarning: .*--allow-ffi/);
    const [flag] = /--allow-\w+/.exec(stdout);
    const { stdout: now, stderr: rest } = denoRun([...NARROW, flag], code);
    assert.deepEqual([now, rest], ['SIGHUP\n', '']);
  },

  'without --allow-ffi a shutdown and a manager work on process.on': () => {
    const { stdout, stderr, status, signal } = denoRun(
      [...NARROW, '--allow-sys', '--allow-run'],
      `const { createShutdown } = require('sigbridge/shutdown');
      const { createSignalManager } = require('sigbridge/manager');
      const manager = createSignalManager({ ref: true });
      manager.handle('SIGHUP', () => {
        console.log('reload');
        process.kill(process.pid, 'SIGTERM');
      });
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('tell', ({ event }) => console.log(event.signal, event.pid));
      process.kill(process.pid, 'SIGHUP');`,
    );
    assert.deepEqual(
      [stdout, stderr, status, signal],
      ['reload\nSIGTERM null\n', '', null, 'SIGTERM'],
    );
  },
};
