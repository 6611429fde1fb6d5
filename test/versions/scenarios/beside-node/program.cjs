// What Node itself does with signals, in a program that listens to them by `process.on` or by `on`:
// `program.cjs process.on|on NAME`. It writes what it hears as lines that begin with `#`.
const { writeSync } = require('node:fs');

const [way, what] = process.argv.slice(2);
const say = (text) => writeSync(1, `#${text}\n`);
const turn = () => new Promise((resolve) => setImmediate(resolve));

let count = 0;

function listen(...signals) {
  for (const signal of signals) {
    const hear = () => {
      count++;
      say(`heard ${signal}`);
    };
    if (way === 'on') require('sigbridge').on(signal, hear);
    else process.on(signal, hear);
  }
}

/** Sends itself each of them, and waits until it is heard; a thousand turns are enough for that. */
async function hears(...signals) {
  for (const signal of signals) {
    const before = count;
    process.kill(process.pid, signal);
    for (let turns = 0; count === before && turns < 1000; turns++) await turn();
    if (count === before) say(`${signal} not heard`);
  }
}

const programs = {
  async vm() {
    listen('SIGINT', 'SIGTERM');
    await hears('SIGINT', 'SIGTERM');
    const context = { running: () => say('running') };
    try {
      require('node:vm').runInNewContext('running(); for (;;);', context, { breakOnSigint: true });
    } catch ({ code }) {
      say(code);
    }
    await hears('SIGINT', 'SIGTERM');
    process.exit();
  },

  repl() {
    listen('SIGINT', 'SIGTERM');
    const { context } = require('node:repl').start({ breakEvalOnSigint: true, prompt: '> ' });
    context.running = () => say('running');
    context.finish = () => {
      setTimeout(async () => {
        await hears('SIGINT', 'SIGTERM');
        process.exit();
      }, 1);
    };
    say('ready');
  },

  async readline() {
    listen('SIGINT', 'SIGTERM');
    await hears('SIGINT', 'SIGTERM');
    const { createInterface } = require('node:readline');
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    lines.on('SIGINT', async () => {
      say('readline SIGINT');
      await hears('SIGINT', 'SIGTERM');
      lines.close();
      setInterval(() => count === 5 && process.exit(), 1);
      say('closed');
    });
    say('ready');
  },

  async profile() {
    listen('SIGINT', 'SIGTERM');
    await hears('SIGINT', 'SIGTERM');
    process.exit();
  },

  async inspector() {
    const inspector = require('node:inspector');
    const signals = ['SIGINT', 'SIGTERM'];
    listen(...signals, 'SIGPROF');
    await hears(...signals, 'SIGPROF');
    inspector.open(0, '127.0.0.1');
    const session = new inspector.Session();
    session.connect();
    await hears(...signals, 'SIGPROF');
    const post = (method) => new Promise((done) => session.post(method, done));
    await post('Profiler.enable');
    await post('Profiler.start');
    await hears(...signals);
    await post('Profiler.stop');
    await hears(...signals, 'SIGPROF');
    session.disconnect();
    inspector.close();
    await hears(...signals, 'SIGPROF');
    process.exit();
  },

  watch() {
    listen('SIGTERM');
    setInterval(() => count > 0 && process.exit(), 1);
    say('started');
  },
};

void programs[what]();
