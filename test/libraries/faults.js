'use strict';

// faults.js STEP...: the runtimes that handle faults, in one process, in the order of the steps ('go',
// 'jvm', 'bridge'); then each of them meets its own faults, and says how often it has come through.
const path = require('node:path');
const koffi = require('koffi');
const sigbridge = require('sigbridge');
const { outOfBounds } = require('./outOfBounds.js');

const FAULTS = ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP'];
const TIMES = 3;
const fixture = (name) => require(path.join(__dirname, `../fixtures/build/Release/${name}.node`));
const raw = fixture('raw');
const jvm = fixture('jvm');
// Stands above all others, and hands on what it counts.
const counter = fixture('newcomer_a');

let go;
const bridges = [];
const STEPS = {
  go: () => (go = koffi.load(process.env.GO_LIBRARY)),
  jvm: () => jvm.start(process.env.JVM_LIBRARY, process.env.JVM_CLASSES),
  bridge: () => bridges.push(...FAULTS.map((signal) => sigbridge.bridge(signal))),
};

const numbers = FAULTS.map((signal) => sigbridge.inspect(signal).number);
const current = () => numbers.map((number) => raw.current(number));

/** How often it came through, and how many signals there were. */
function meet(provoke) {
  const count = () => counter.calls(11).length + counter.calls(8).length;
  const before = count();
  return [provoke(), count() - before];
}

function provokeAll() {
  return {
    webAssembly: meet(
      () =>
        Array.from({ length: TIMES }, outOfBounds).filter(
          (text) => text === 'RuntimeError: memory access out of bounds',
        ).length,
    ),
    javaNull: meet(() => jvm.call('nulls', TIMES)),
    javaNullElsewhere: meet(() => jvm.call('nullsElsewhere', TIMES)),
    javaDivision: meet(() => jvm.call('divisions', TIMES)),
    goNil: meet(() => go.func('int Panics(int)')(TIMES)),
    goNilElsewhere: meet(() => go.func('int PanicsElsewhere(int)')(TIMES)),
  };
}

const steps = process.argv.slice(2);
for (const step of steps) STEPS[step]();
sigbridge.reclaim();
const stood = current();
const chain = sigbridge.handlersOf('SIGSEGV').map(({ module }) => path.basename(module));

counter.install(11, { next: 'as-taken' });
counter.install(8, { next: 'as-taken' });
sigbridge.reclaim();
const bridged = provokeAll();
counter.uninstall(11);
counter.uninstall(8);
sigbridge.reclaim();
const back = JSON.stringify(current(), text) === JSON.stringify(stood, text);
// These may take more signals than the counter remembers.
const overflows = jvm.call('overflowsElsewhere', TIMES);
const standstills = jvm.call('standstills', TIMES);
const again = provokeAll();

console.log(JSON.stringify({ chain, bridged, back, overflows, standstills, again }));

// As without sigbridge: here it may end.
for (const bridge of bridges) bridge.close();
const owners = FAULTS.map((signal) => sigbridge.inspect(signal).owner);
console.log(JSON.stringify({ owners, left: provokeAll() }));
process.exit();

function text(_key, value) {
  return typeof value === 'bigint' ? String(value) : value;
}
