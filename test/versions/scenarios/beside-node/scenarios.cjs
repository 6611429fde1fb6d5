// Before, during and after what Node itself does with signals, `on` hears what `process.on` hears.
const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawnWith } = require('sigbridge/testing');

const PROGRAM = path.join(__dirname, 'program.cjs');
const CTRL_C = '\x03';

/** Its own lines, and how it ended. */
async function end(program) {
  const { code, signal } = await program.exit;
  const lines = [...program.output.matchAll(/#([^\r\n]+)/g)].map(([, line]) => line);
  return [...lines, signal ?? code];
}

const start = (way, what, { pty = false, node = [], program = PROGRAM } = {}) =>
  spawnWith([process.execPath, ...node, program, way, what], { pty, timeoutMs: 20_000 });

/** @type {Record<string, (way: string) => Promise<unknown[]>>} */
const runs = {
  async vm(way) {
    const program = await start(way, 'vm');
    await program.waitFor(/#running/);
    program.kill('SIGINT');
    return end(program);
  },

  async repl(way) {
    const program = await start(way, 'repl', { pty: true });
    await program.waitFor(/#ready/);
    program.kill('SIGTERM');
    await program.waitFor(/#heard SIGTERM/);
    program.write('running(); for (;;);\r');
    await program.waitFor(/#running/);
    program.write(CTRL_C);
    if (way === 'on') {
      await program.waitFor(/interrupted/);
      program.write('finish()\r');
    }
    return end(program);
  },

  async readline(way) {
    const program = await start(way, 'readline', { pty: true });
    await program.waitFor(/#ready/);
    program.write(CTRL_C);
    await program.waitFor(/#closed/);
    program.write(CTRL_C);
    return end(program);
  },

  async profile(way) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'profile-'));
    const program = await start(way, 'profile', {
      node: ['--cpu-prof', `--cpu-prof-dir=${folder}`],
    });
    const lines = await end(program);
    const [name] = fs.readdirSync(folder);
    const { samples } = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
    fs.rmSync(folder, { recursive: true });
    return [...lines, samples.length > 0];
  },

  async inspector(way) {
    return end(await start(way, 'inspector'));
  },

  async watch(way) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'watch-'));
    const file = path.join(folder, 'main.cjs');
    fs.writeFileSync(file, `require(${JSON.stringify(PROGRAM)});\n`);
    const program = await start(way, 'watch', { node: ['--watch'], program: file });
    await program.waitFor(/#started/);
    // Node tells nobody when it has begun to watch the file, and waits until it is left alone.
    const touching = setInterval(() => {
      if (!program.output.includes('#heard')) fs.appendFileSync(file, '//\n');
    }, 1000);
    await program.waitFor(/#started/);
    clearInterval(touching);
    program.kill('SIGTERM');
    const [first, second, ...rest] = await end(program);
    fs.rmSync(folder, { recursive: true });
    // However often it was started again.
    const pairs = rest.slice(0, -1);
    for (let at = 0; at < pairs.length; at++) assert.equal(pairs[at], [first, second][at % 2]);
    return [first, second, pairs.length >= 1];
  },
};

const both = ['heard SIGINT', 'heard SIGTERM'];
const all = [...both, 'heard SIGPROF'];

const expected = {
  vm: [...both, 'running', 'ERR_SCRIPT_EXECUTION_INTERRUPTED', ...both, 0],
  repl: ['ready', 'heard SIGTERM', 'running', ...both, 0],
  readline: [...both, 'ready', 'readline SIGINT', ...both, 'closed', 'heard SIGINT', 0],
  profile: [...both, 0, true],
  inspector: [...all, ...all, ...both, ...all, ...all, 0],
  watch: ['started', 'heard SIGTERM', true],
};

module.exports = Object.fromEntries(
  Object.entries(runs).map(([what, run]) => [
    `beside ${what}, on hears what process.on hears`,
    async () => {
      assert.deepEqual(await run('on'), expected[what]);
      // There the REPL, as it takes the listeners away, takes away the handler that it has just set.
      const plain =
        what === 'repl' ? ['ready', 'heard SIGTERM', 'running', 'SIGINT'] : expected[what];
      assert.deepEqual(await run('process.on'), plain);
    },
  ]),
);
