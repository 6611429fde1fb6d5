// permission-probe.cjs <what>: tries one thing, and says what came of it: "works", the code of what it threw,
// or what it gave in place. Run under the permission model, by test/versions/permissions.mjs.
const { once } = require('node:events');
const { join } = require('node:path');

const FILE = join(__dirname, 'permission-probe.txt');
const saw = (given, wanted) => (wanted(given) ? 'works' : `gives ${JSON.stringify(given)}`);

const probes = {
  core: async () => {
    const { send, once: arrival } = require('sigbridge');
    const heard = arrival('SIGHUP', { ref: true });
    send(process.pid, 'SIGHUP');
    return saw((await heard).signal, (signal) => signal === 'SIGHUP');
  },
  readProcess: () => saw(require('sigbridge').readProcess(), ({ pid }) => pid === process.pid),
  sender: async () => {
    const { send, once: arrival } = require('sigbridge');
    const heard = arrival('SIGHUP', { ref: true });
    send(process.pid, 'SIGHUP');
    return saw((await heard).sender(), (sender) => sender !== null);
  },
  dump: () => saw(require('sigbridge/debug').dump().threads, (threads) => threads.length > 0),
  dumpOn: () => {
    require('sigbridge/debug').dumpOn('SIGUSR2', { file: FILE }).close();
    return 'works';
  },
  watchdog: () => {
    require('sigbridge').watchdog({ signals: 'SIGTERM', file: FILE }).close();
    return 'works';
  },
  worker: async () => {
    const { Worker } = require('node:worker_threads');
    const worker = new Worker(`require('sigbridge').ignored('SIGHUP')`, { eval: true });
    return saw((await once(worker, 'exit'))[0], (code) => code === 0);
  },
  spawnWith: async () => {
    const { spawnWith } = require('sigbridge/testing');
    const program = await spawnWith(['sh', '-c', 'exit 3']);
    return saw((await program.exit).code, (code) => code === 3);
  },
};

async function probe(what) {
  try {
    console.log(await probes[what]());
  } catch ({ code, message }) {
    console.log(`\`${code ?? message}\``);
  }
}
void probe(process.argv[2]);
