'use strict';

// SIGRTMIN+1 with a value: that many more jobs, each value for itself, in the order of the signals.
// A job that hangs does not keep the others waiting.
const { setTimeout: sleep } = require('node:timers/promises');
const { createSignalManager } = require('sigbridge/manager');

const manager = createSignalManager({ ref: true, concurrency: 2 });

manager.handle(
  'SIGRTMIN+1',
  async ({ value }, { signal }) => {
    await sleep(value === 13 ? 60_000 : 10, undefined, { signal });
    return `job ${value} done`;
  },
  {
    name: 'jobs',
    dedupe: false,
    timeoutMs: 5_000,
    fallback: ({ value }) => `job ${value} given back`,
  },
);
manager.on('result', ({ value }) => console.log(value));
console.log(`waiting ${process.pid}`);
