'use strict';

// program.js LIBRARY ORDER REPORT: one library and sigbridge on one signal, in one order; what came
// of it is written to the file REPORT as JSON.
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const libraries = require('./libraries.js');

const [name, order, report] = process.argv.slice(2);
const raw = require(path.join(__dirname, '../fixtures/build/Release/raw.node'));
const sigbridge = require('sigbridge');

const SIGSEGV = 11;

// (memory 1) (func (export "read") (param i32) (result i32) local.get 0 i32.load)
const WASM =
  '0061736d0100000001060160017f017f0302010005030100010708010472656164' +
  '00000a0901070020002802000b';

/** The signal's and the fault's, as the kernel holds them; of the default, nothing else counts. */
function dispositions(number) {
  return [number, SIGSEGV].map((each) => {
    const action = raw.current(each);
    return action.handler === '0x0' ? 'default' : action;
  });
}

/** What comes of reading beyond the end of WebAssembly's memory. */
function outOfBounds() {
  const module = new WebAssembly.Module(Buffer.from(WASM, 'hex'));
  const { read } = new WebAssembly.Instance(module).exports;
  try {
    return String(read(1 << 30));
  } catch (error) {
    return error.message;
  }
}

async function turnsUntil(done) {
  const end = performance.now() + 5000;
  while (!done() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function main() {
  const library = libraries[name]();
  const { signal } = library;
  const number = sigbridge.inspect(signal).number;
  const result = { library: name, order, signal, standsAside: library.standsAside === true };
  const counts = { on: 0, processOn: 0 };
  const count = () => counts.processOn++;
  let subscription;

  const listen = () => {
    subscription = sigbridge.on(signal, () => counts.on++);
    process.on(signal, count);
  };
  let fault;
  result.before = dispositions(number);
  if (order === 'library-first') {
    library.install();
    result.named = sigbridge.inspect(signal).handler?.module;
    result.own = dispositions(number);
    listen();
    fault = sigbridge.bridge('SIGSEGV');
  } else {
    listen();
    fault = sigbridge.bridge('SIGSEGV');
    library.install();
    result.own = dispositions(number);
    result.displaced = sigbridge.displaced().map(({ signal, by }) => [signal, by?.module]);
    result.named = sigbridge.inspect(signal).chain[0]?.handler.module;
    sigbridge.reclaim();
  }
  result.faults = fault.handlers.map(({ module }) => module);
  result.chain = sigbridge
    .inspect(signal)
    .chain.map(({ owner, handler }) => [owner, handler.module]);
  result.outOfBounds = outOfBounds();

  const before = library.effect();
  process.kill(process.pid, signal);
  await turnsUntil(() => counts.on > 0 && counts.processOn > 0);
  await turnsUntil(
    () => library.standsAside || library.effect() === null || library.effect() > before,
  );
  // Nobody comes a second time.
  await new Promise((resolve) => setTimeout(resolve, 30));
  result.effect = library.effect() === null ? null : library.effect() - before;
  result.counts = counts;

  process.removeListener(signal, count);
  subscription.close();
  fault.close();
  result.left = dispositions(number);
  result.outOfBoundsLeft = outOfBounds();
  library.end?.();
  writeFileSync(
    report,
    JSON.stringify(
      result,
      (_key, value) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value),
      1,
    ),
  );
  process.exit();
}

main().catch((error) => {
  writeFileSync(report, JSON.stringify({ library: name, order, error: String(error.stack) }));
  process.exit(1);
});
