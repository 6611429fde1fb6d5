'use strict';

// What it costs to look at a flag in a synchronous loop, over looking at a plain typed array.
const { contest } = require('../support/contest');
const { report } = require('../support/report');
const { summary } = require('../support/statistics');
const { since } = require('../support/turns');

const LOOKS = 5_000_000;
const ROUNDS = 60;
const WARM_UP = 5;

const timed = (loop) => () => {
  const start = process.hrtime.bigint();
  loop();
  return since(start) / LOOKS;
};

const sides = {
  'Atomics.load': () => {
    const words = new Int32Array(2);
    return timed(() => {
      for (let left = LOOKS; left > 0 && Atomics.load(words, 0) === 0; left--);
    });
  },
  flag: () => {
    const stop = require('sigbridge').flag('SIGUSR2');
    return timed(() => {
      for (let left = LOOKS; left > 0 && !stop.raised; left--);
    });
  },
};

contest(module, sides, async (round) => {
  for (let count = 0; count < WARM_UP; count++) await round();
  const rounds = [];
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round());
  report({
    what: 'flag.raised, over Atomics.load of a plain array',
    ...summary(rounds.map((ns) => ns.flag - ns['Atomics.load'])),
    unit: 'ns',
    atMost: 2,
    how: `${ROUNDS} rounds of ${LOOKS} looks`,
  });
});
