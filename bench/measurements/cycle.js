'use strict';

// One cycle of `on` and `close`, against one of `process.on` and `removeListener`.
const { contest } = require('../support/contest');
const { report } = require('../support/report');
const { median, ratios } = require('../support/statistics');
const { since, turns } = require('../support/turns');

const SIGNAL = 'SIGUSR2';
const CYCLES = 100;
const ROUNDS = 400;
const WARM_UP = 60;

const listener = () => {};

// The turns count too: in them libuv closes the handles of `process.on`, and sigbridge lets go of
// libuv's watcher.
const timed = (cycle) => async (cycles) => {
  const start = process.hrtime.bigint();
  for (let count = 0; count < cycles; count++) cycle();
  await turns(2);
  return since(start) / cycles;
};

const sides = {
  'process.on': () =>
    timed(() => {
      process.on(SIGNAL, listener);
      process.removeListener(SIGNAL, listener);
    }),
  sigbridge: () => {
    const { on } = require('sigbridge');
    return timed(() => {
      on(SIGNAL, listener).close();
    });
  },
};

async function measure(round, cycles) {
  for (let count = 0; count < WARM_UP; count++) await round(cycles);
  const rounds = [];
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round(cycles));
  return {
    ...ratios(rounds, 'sigbridge', 'process.on'),
    ns: Object.fromEntries(
      Object.keys(sides).map((side) => [side, median(rounds.map((times) => times[side]))]),
    ),
  };
}

contest(module, sides, async (round) => {
  const { ns, ...ratio } = await measure(round, CYCLES);
  const single = await measure(round, 1);
  report({
    what: 'on + close, against process.on + removeListener',
    ...ratio,
    unit: 'times',
    atMost: 0.2,
    how: `${ROUNDS} rounds of ${CYCLES} cycles of ${SIGNAL} and two turns of the event loop`,
    beside: { ns, 'with two turns after each single cycle': single },
  });
});
