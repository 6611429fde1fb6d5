'use strict';

// How time per signal and memory grow with what there is of each kind: they must stay flat per unit.
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { Worker } = require('node:worker_threads');
const { report } = require('../support/report');
const { median } = require('../support/statistics');
const { since, turns } = require('../support/turns');

const REALTIME = 'SIGRTMIN+6';
const ROUNDS = 41;

/** Memory of this process that is in use, in bytes, garbage left aside. */
async function memory() {
  for (let count = 0; count < 4; count++) {
    globalThis.gc();
    await turns(1);
  }
  return process.memoryUsage.rss();
}

/** ns from the sending until all listeners have heard, the middle of some rounds. */
async function timePerSignal(sendAndHear) {
  const times = [];
  for (let count = 0; count < ROUNDS; count++) {
    const start = process.hrtime.bigint();
    await sendAndHear();
    times.push(since(start));
    await turns(1);
  }
  return median(times);
}

const growths = {
  /** Listeners of one signal. */
  async listeners(count) {
    const { on, send } = require('sigbridge');
    let calls = 0;
    let all = () => {};
    const before = await memory();
    const listener = () => {
      if (++calls % count === 0) all();
    };
    const kept = Array.from({ length: count }, () => on('SIGUSR2', listener, { ref: true }));
    const after = await memory();
    const ns = await timePerSignal(
      () =>
        new Promise((resolve) => {
          all = resolve;
          send(process.pid, 'SIGUSR2');
        }),
    );
    return { nsPerUnit: ns / count, bytesPerUnit: (after - before) / kept.length };
  },

  /** Signals that are managed; each is sent once. */
  async signals(count) {
    const { inspectAll, on, send } = require('sigbridge');
    const usable = inspectAll()
      .filter(
        ({ traits, signal }) => traits.catchable && !traits.synchronous && signal !== 'SIGPROF',
      )
      .map(({ signal }) => signal)
      .slice(-count);
    let calls = 0;
    let all = () => {};
    const listener = () => {
      if (++calls % count === 0) all();
    };
    const before = await memory();
    for (const signal of usable) on(signal, listener, { ref: true });
    const after = await memory();
    const ns = await timePerSignal(
      () =>
        new Promise((resolve) => {
          all = resolve;
          for (const signal of usable) send(process.pid, signal);
        }),
    );
    return { nsPerUnit: ns / count, bytesPerUnit: (after - before) / count };
  },

  /** Workers that listen to one signal, each on its own event loop; the worker's own memory is not counted. */
  async workers(count) {
    const { send } = require('sigbridge');
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      const sigbridge = workerData.path && require(workerData.path);
      sigbridge?.on('SIGUSR2', () => {
        Atomics.add(workerData.heard, 0, 1);
        Atomics.notify(workerData.heard, 0);
      });
      parentPort.on('message', () => {});
      parentPort.postMessage('ready');`;
    const heard = new Int32Array(new SharedArrayBuffer(4));
    const startAll = (path) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const worker = new Worker(code, { eval: true, workerData: { path, heard } });
          await once(worker, 'message');
          return worker;
        }),
      );
    const start = await memory();
    const plain = await startAll(undefined);
    const withoutUs = (await memory()) - start;
    await Promise.all(plain.map((worker) => worker.terminate()));
    const again = await memory();
    const workers = await startAll(require.resolve('sigbridge'));
    const withUs = (await memory()) - again;
    let expected = 0;
    const ns = await timePerSignal(() => {
      expected += count;
      send(process.pid, 'SIGUSR2');
      // Asleep: turns of this loop would take a processor from the workers.
      let seen;
      while ((seen = Atomics.load(heard, 0)) < expected) Atomics.wait(heard, 0, seen);
    });
    await Promise.all(workers.map((worker) => worker.terminate()));
    return { nsPerUnit: ns / count, bytesPerUnit: (withUs - withoutUs) / count };
  },

  /** Real-time signals that wait while the event loop is blocked: the time from then to the last listener. */
  async backlog(count) {
    const { on, send } = require('sigbridge');
    let calls = 0;
    let all = () => {};
    on(
      REALTIME,
      () => {
        if (++calls === count) all();
      },
      { ref: true },
    );
    await turns(2);
    const before = await memory();
    const done = new Promise((resolve) => (all = resolve));
    for (let value = 0; value < count; value++) send(process.pid, REALTIME, { value });
    const bytes = process.memoryUsage.rss() - before;
    const start = process.hrtime.bigint();
    await done;
    return { nsPerUnit: since(start) / count, bytesPerUnit: bytes / count };
  },
};

const SIZES = {
  listeners: [1, 10, 100, 1_000, 10_000],
  signals: [1, 4, 15, 30, 54],
  workers: [1, 4, 16, 64],
  backlog: [1, 16, 256, 4_096, 65_536],
};

/** One size in a process of its own. */
async function grow(kind, size) {
  const child = fork(__filename, [kind, String(size)], { execArgv: ['--expose-gc'] });
  const [result] = await once(child, 'message');
  child.kill('SIGKILL');
  return { size, ...result };
}

async function referee() {
  const curves = {};
  for (const [kind, sizes] of Object.entries(SIZES)) {
    curves[kind] = [];
    for (const size of sizes) curves[kind].push(await grow(kind, size));
  }
  const worst = ([first, ...others]) =>
    Math.max(...others.map(({ nsPerUnit }) => nsPerUnit / first.nsPerUnit));
  report(
    ...Object.entries(curves).map(([kind, points]) => ({
      what: `growth with ${kind}: worst time per unit, against one`,
      value: worst(points),
      unit: 'times',
      atMost: 1.5,
      how: `at ${SIZES[kind].join(', ')}; each in a process of its own`,
      beside: { kind, points },
    })),
  );
}

const [kind, size] = process.argv.slice(2);
if (kind === undefined) void referee();
else void growths[kind](Number(size)).then((result) => process.send(result));
