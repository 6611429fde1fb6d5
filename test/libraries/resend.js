'use strict';

// resend.js SIGNAL ORDER REPORT: readline, which notes a signal in its handler and later, in its main loop,
// puts back what it found, sends the signal to the process once more, and sets its handler again.
// Says how often each has been called for one signal from outside, and for the next.
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { setImmediate: turn } = require('node:timers/promises');
const libraries = require('./libraries.js');
const sigbridge = require('sigbridge');

const [signal, order, report] = process.argv.slice(2);
const { number } = sigbridge.inspect(signal);
const readline = libraries.readline(signal, number);
// The program's own handler, in C, which was there first.
const application = require(path.join(__dirname, '../fixtures/build/Release/newcomer_a.node'));

let on = 0;
let processOn = 0;
const own = () => [on, processOn, application.calls(number).length];

async function turnsUntil(done) {
  const end = performance.now() + 5000;
  while (!done() && performance.now() < end) await turn();
}

function isPending() {
  const { shared, threads } = sigbridge.readProcess(process.pid);
  return [shared, ...threads].some(({ pending }) => pending.includes(signal));
}

async function settle() {
  await turnsUntil(() => !isPending());
  for (let turns = 0; turns < 6; turns++) await turn();
}

function listen() {
  sigbridge.on(signal, () => on++);
  process.on(signal, () => processOn++);
}

// What another thread takes may meet readline's own handler, which notes it once more.
async function act() {
  const heard = application.calls(number).length;
  readline.act();
  const taken = () => application.calls(number).length > heard || readline.effect() > 0;
  if (signal !== 'SIGWINCH') await turnsUntil(taken);
  await settle();
}

async function main() {
  application.install(number);
  if (order === 'library-first') {
    readline.prompt();
    listen();
  } else {
    listen();
    readline.prompt();
    if (order === 'reclaimed') sigbridge.reclaim();
  }
  const counts = [];
  for (let round = 0; round < 2; round++) {
    process.kill(process.pid, signal);
    if (signal !== 'SIGWINCH') await turnsUntil(() => readline.effect() > 0);
    await settle();
    const noted = readline.effect();
    const before = own();
    do await act();
    while (readline.effect() > 0);
    counts.push({ noted, before, after: own(), displaced: sigbridge.displaced().length > 0 });
    if (order !== 'sigbridge-first') sigbridge.reclaim();
  }
  writeFileSync(report, JSON.stringify(counts));
  process.exit();
}

main();
