'use strict';

// program.js LIBRARY SIGNAL ORDER PLAN REPORT: one library and sigbridge on one signal, in one order;
// what came of it is written to the file REPORT as JSON. In the plan 'stays' sigbridge leaves first,
// in the plan 'leaves' the library does.
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { setImmediate: turn } = require('node:timers/promises');
const libraries = require('./libraries.js');
const { outOfBounds } = require('./outOfBounds.js');

const [name, signal, order, plan, report] = process.argv.slice(2);
const raw = require(path.join(__dirname, '../fixtures/build/Release/raw.node'));
const sigbridge = require('sigbridge');

const SIGSEGV = 11;
const { number, traits } = sigbridge.inspect(signal);
const library = libraries[name](signal, number);

const counts = { on: 0, processOn: 0 };
const countProcessOn = () => counts.processOn++;
// Node knows no names of real-time signals.
const toProcess = !traits.realtime;

/** The signal's and the fault's, as the kernel holds them; of the default, nothing else counts. */
function dispositions() {
  return [number, SIGSEGV].map((each) => {
    const action = raw.current(each);
    return action.handler === '0x0' ? 'default' : action;
  });
}

async function turnsUntil(done) {
  const end = performance.now() + 5000;
  while (!done() && performance.now() < end) await turn();
}

// Whoever comes a second time has come by then.
async function settle() {
  for (let turns = 0; turns < 6; turns++) await turn();
}

let event;

/** sigbridge, in all its ways. */
function stand() {
  const subscription = sigbridge.on(signal, (arrived) => {
    event = arrived;
    counts.on++;
  });
  if (toProcess) process.on(signal, countProcessOn);
  const mode = library.ends ? 'deferred' : 'immediate';
  const bridge = sigbridge.bridge(signal, { mode });
  const fault = sigbridge.bridge('SIGSEGV');
  return { subscription, bridge, fault };
}

function leave({ subscription, bridge, fault }) {
  if (toProcess) process.removeListener(signal, countProcessOn);
  subscription.close();
  bridge.close();
  fault.close();
}

function install(result) {
  library.install(order);
  result.own = dispositions();
}

/** What stands in the place of ours is the library's, and goes into the chain. */
function takeBack(result) {
  result.displaced = sigbridge.displaced().map(({ signal, by }) => [signal, by?.module ?? null]);
  result.named = sigbridge.inspect(signal).chain[0]?.handler.module;
  sigbridge.reclaim();
}

/** Sends the signal, and gives back how often each has heard it. */
async function send() {
  const before = { ...counts, effect: library.effect?.() };
  sigbridge.send(process.pid, signal);
  await turnsUntil(() => counts.on > before.on && (!toProcess || counts.processOn > 0));
  return before;
}

async function sendAndCount() {
  const before = await send();
  await library.seen?.();
  if (before.effect !== undefined) await turnsUntil(() => library.effect() > before.effect);
  await settle();
  return heardSince(before);
}

function heardSince(before) {
  return {
    on: counts.on - before.on,
    processOn: toProcess ? counts.processOn - before.processOn : null,
    effect: before.effect === undefined ? null : library.effect() - before.effect,
  };
}

async function main() {
  const result = { library: name, signal, order, before: dispositions() };
  let ours;
  if (order === 'library-first') {
    install(result);
    const { disposition, handler } = sigbridge.inspect(signal);
    Object.assign(result, { disposition, named: handler?.module });
    ours = stand();
  } else {
    ours = stand();
    // As C code may do it that knows nothing of us.
    if (order === 'default-between') raw.setDefault(number);
    install(result);
    result.disposition = sigbridge.inspect(signal).disposition;
    takeBack(result);
  }
  result.handlers = ours.bridge.handlers.map(({ module }) => module);
  result.faults = ours.fault.handlers.map(({ module }) => module);
  result.chain = sigbridge.inspect(signal).chain.map(({ owner }) => owner);
  result.outOfBounds = outOfBounds();
  const standsAside =
    library.ignores || (order !== 'library-first' && result.handlers.length === 0);
  if (standsAside) delete library.effect;
  result.counts = await sendAndCount();

  if (plan === 'leaves') {
    library.remove();
    result.removed = sigbridge.displaced().map(({ signal, by }) => [signal, by?.module ?? null]);
    sigbridge.reclaim();
    const before = await send();
    await settle();
    result.countsLeft = heardSince({ ...before, effect: undefined });
  }

  leave(ours);
  await turn(); // in which the default stands again
  result.left = dispositions();
  result.outOfBoundsLeft = outOfBounds();
  if (library.ends && !standsAside) {
    const { bridge } = stand();
    const before = await send();
    await settle();
    result.countsAtEnd = heardSince(before);
    write(result);
    bridge.forward(event);
    process.exit(); // not reached
  }
  library.end?.();
  write(result);
  process.exit();
}

function write(result) {
  writeFileSync(
    report,
    JSON.stringify(
      result,
      (_key, value) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value),
      1,
    ),
  );
}

main().catch((error) => {
  write({ library: name, signal, order, error: String(error.stack) });
  process.exit(9);
});
