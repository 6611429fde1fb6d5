'use strict';

// Runs functions in worker threads of a scenario; also the program of such a worker.

const { createRequire } = require('node:module');
const path = require('node:path');
const { Worker, parentPort, workerData } = require('node:worker_threads');

const requireAsTest = createRequire(path.join(__dirname, 'scenario.js'));

/** What came and what is awaited, in order. */
function inbox(port) {
  const waiting = [];
  const messages = [];
  port.on('message', (message) => {
    if (waiting.length > 0) waiting.shift()(message);
    else messages.push(message);
  });
  return () =>
    messages.length > 0
      ? Promise.resolve(messages.shift())
      : new Promise((resolve) => waiting.push(resolve));
}

function startThread(body, args, options) {
  const worker = new Worker(__filename, {
    ...options,
    workerData: { source: body.toString(), args },
  });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  return { worker, ended, next: inbox(worker), tell: (value) => worker.postMessage(value ?? null) };
}

async function runBody() {
  const { source, args } = workerData;
  let next;
  const inside = {
    args,
    require: requireAsTest,
    report: (value) => parentPort.postMessage(value),
    // Keeps the thread alive from the first call on.
    next: () => (next ??= inbox(parentPort))(),
    fixture: (name) =>
      requireAsTest(path.join(__dirname, '../fixtures/build/Release', `${name}.node`)),
    get sigbridge() {
      return requireAsTest('sigbridge');
    },
  };
  await new Function('require', `return (${source}\n)`)(requireAsTest)(inside);
  parentPort.unref();
}

if (require.main === module) void runBody();

module.exports = { startThread };
