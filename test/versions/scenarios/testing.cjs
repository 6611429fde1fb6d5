// sigbridge/testing.
const assert = require('node:assert/strict');
const { readProcess } = require('sigbridge');
const { spawnWith } = require('sigbridge/testing');

module.exports = {
  'a program is started with a signal ignored, and its end is told': async () => {
    const program = await spawnWith(['sh', '-c', 'echo $$; exec sleep 60'], {
      ignored: ['SIGHUP'],
    });
    await program.waitFor(/\d+\n/);
    assert.ok(readProcess(program.pid).ignored.includes('SIGHUP'));
    program.kill('SIGTERM');
    assert.deepEqual(await program.exit, { code: null, signal: 'SIGTERM' });
  },

  'on a terminal, it is written to, and Ctrl+C reaches it': async () => {
    const forever = 'while :; do sleep 1; done';
    const script = `trap "echo interrupted" INT; echo ready; read line; echo "<$line>"; ${forever}`;
    const program = await spawnWith(['sh', '-c', script], { pty: true });
    await program.waitFor(/ready/);
    program.write('typed\r');
    await program.waitFor(/<typed>/);
    program.write('\x03');
    await program.waitFor(/interrupted/);
    program.hangUp();
    assert.deepEqual(await program.exit, { code: null, signal: 'SIGHUP' });
  },
};
