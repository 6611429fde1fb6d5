'use strict';

// A queue worker: takes no more jobs, finishes the one it has, and gives it back if there is no time.
const { setTimeout: sleep } = require('node:timers/promises');
const { createShutdown } = require('sigbridge/shutdown');

const jobs = Array.from({ length: 1_000 }, (_, number) => ({ number }));
const shutdown = createShutdown({ totalMs: 25_000 });
const aborted = new AbortController();

async function work() {
  while (shutdown.ready && jobs.length > 0) {
    const job = jobs.shift();
    console.log(`job ${job.number} begun`);
    try {
      await sleep(200, undefined, { signal: aborted.signal });
      console.log(`job ${job.number} done`);
    } catch {
      jobs.unshift(job);
      console.log(`job ${job.number} given back`);
    }
  }
}

const working = work();
shutdown.stage(
  'worker',
  async ({ signal }) => {
    signal.addEventListener('abort', () => aborted.abort());
    if (signal.aborted) aborted.abort();
    await working;
  },
  { timeoutMs: 20_000 },
);
shutdown.stage('queue', () => console.log('queue closed'), { after: 'worker' });
