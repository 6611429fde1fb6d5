'use strict';

// faults.js STEP...: the runtimes that handle faults, in one process, in the order of the steps ('go',
// 'jvm', 'bridge'); then each of them meets its own faults, and says how often it has come through:
// while the faults are bridged, and when they are not, or not any more. Without the step 'bridge'
// sigbridge is not there at all.
const { constants } = require('node:os');
const path = require('node:path');
const koffi = require('koffi');
const { outOfBounds } = require('./outOfBounds.js');

const { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP } = constants.signals;
const FAULTS = [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP];
const TIMES = 3;
const fixture = (name) => require(path.join(__dirname, `../fixtures/build/Release/${name}.node`));
const raw = fixture('raw');
const jvm = fixture('jvm');
// Stands above all others, and hands on what it counts.
const counter = fixture('newcomer_a');

let go;
let sigbridge;
let bridges;
const STEPS = {
  go: () => (go = koffi.load(process.env.GO_LIBRARY)),
  jvm: () => jvm.start(process.env.JVM_LIBRARY, process.env.JVM_CLASSES),
  bridge: () => {
    sigbridge = require('sigbridge');
    bridges = FAULTS.map((number) => sigbridge.bridge(number));
  },
};

const current = () => FAULTS.map((number) => raw.current(number));

/** How often it came through, and how many signals there were. */
function meet(provoke) {
  const count = () => counter.calls(SIGSEGV).length + counter.calls(SIGFPE).length;
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

function meetBridged() {
  sigbridge.reclaim();
  const stood = current();
  const chain = sigbridge.handlersOf('SIGSEGV').map(({ module }) => path.basename(module));

  counter.install(SIGSEGV, { next: 'as-taken' });
  counter.install(SIGFPE, { next: 'as-taken' });
  sigbridge.reclaim();
  const bridged = provokeAll();
  counter.uninstall(SIGSEGV);
  counter.uninstall(SIGFPE);
  sigbridge.reclaim();
  const back = JSON.stringify(current(), text) === JSON.stringify(stood, text);
  // These may take more signals than the counter remembers.
  const overflows = jvm.call('overflowsElsewhere', TIMES);
  const standstills = jvm.call('standstills', TIMES);
  const again = provokeAll();

  console.log(JSON.stringify({ chain, bridged, back, overflows, standstills, again }));
  for (const bridge of bridges) bridge.close();
  console.log(JSON.stringify(FAULTS.map((number) => sigbridge.inspect(number).owner)));
}

function text(_key, value) {
  return typeof value === 'bigint' ? String(value) : value;
}

for (const step of process.argv.slice(2)) STEPS[step]();
if (sigbridge !== undefined) meetBridged();
// Here it may end.
console.log(JSON.stringify(provokeAll()));
process.exit();
