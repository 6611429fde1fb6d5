'use strict';

// How often the threads of an idle program wake up, with ten subscriptions and without sigbridge.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { readFileSync, readdirSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { report } = require('../support/report');

const SECONDS = 10;
const SETTLE_SECONDS = 2;
const SIGNALS = [
  ...['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGWINCH', 'SIGCONT', 'SIGQUIT'],
  ...['SIGRTMIN+1', 'SIGRTMIN+2', 'SIGRTMIN+3'],
];

// Its input, in which nothing ever comes, keeps it alive.
const WAIT = `process.stdin.resume(); process.stdout.write('ready');`;
const PROGRAMS = {
  without: WAIT,
  with: `const { on } = require('sigbridge');
    for (const signal of ${JSON.stringify(SIGNALS)}) on(signal, () => {});
    ${WAIT}`,
};

async function start(code) {
  const child = spawn(process.execPath, ['-e', code], {
    cwd: __dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** How often each thread has given up a processor so far, by its id. */
function switches(pid) {
  return new Map(
    readdirSync(`/proc/${pid}/task`).map((tid) => {
      const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
      const counts = [...status.matchAll(/ctxt_switches:\s*(\d+)/g)].map(([, count]) => +count);
      return [tid, { name: /^Name:\s*(.*)$/m.exec(status)[1], count: counts[0] + counts[1] }];
    }),
  );
}

function between(before, after) {
  return [...after].map(([tid, { name, count }]) => ({
    name,
    wakeUps: count - (before.get(tid)?.count ?? 0),
  }));
}

const sum = (threads) => threads.reduce((total, { wakeUps }) => total + wakeUps, 0);

async function main() {
  const children = await Promise.all(Object.values(PROGRAMS).map(start));
  await sleep(SETTLE_SECONDS * 1000);
  const before = children.map(({ pid }) => switches(pid));
  await sleep(SECONDS * 1000);
  const [without, using] = children.map(({ pid }, at) => between(before[at], switches(pid)));
  for (const child of children) child.kill('SIGKILL');
  report({
    what: `wake-ups in ${SECONDS} idle seconds with ten subscriptions, beyond those without sigbridge`,
    value: sum(using) - sum(without),
    unit: 'times',
    atMost: 0,
    how: `context switches of all threads, read from /proc, after ${SETTLE_SECONDS} s to settle`,
    beside: { with: using, without },
  });
}

main();
