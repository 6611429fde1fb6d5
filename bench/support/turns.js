'use strict';

/** Resolves after `count` turns of the event loop, each with its callbacks, its polling and its closing. */
async function turns(count) {
  for (let turn = 0; turn < count; turn++) await new Promise((done) => setImmediate(done));
}

/** Nanoseconds since `start`, which `process.hrtime.bigint()` gave. */
function since(start) {
  return Number(process.hrtime.bigint() - start);
}

module.exports = { since, turns };
