'use strict';

// One signal, from just before process.kill() to the listener's first line.
const { contest } = require('../support/contest');
const { report } = require('../support/report');
const { median, ratios } = require('../support/statistics');
const { since } = require('../support/turns');

const SIGNAL = 'SIGUSR2';
const SIGNALS = 200;
const ROUNDS = 150;
const WARM_UP = 20;

/** One after another, each in a turn of its own; gives back the middle one's nanoseconds. */
function timed(listen) {
  let start = 0n;
  let arrived = () => {};
  listen(() => {
    arrived(since(start));
  });
  // Later than any other listener's call for the same signal.
  const send = () =>
    new Promise((done) => {
      arrived = (ns) => setImmediate(done, ns);
      start = process.hrtime.bigint();
      process.kill(process.pid, SIGNAL);
    });
  return async () => {
    const times = [];
    for (let count = 0; count < SIGNALS; count++) times.push(await send());
    return median(times);
  };
}

const ours = (listener) => require('sigbridge').on(SIGNAL, listener);

const sides = {
  'process.on': () => timed((listener) => process.on(SIGNAL, listener)),
  sigbridge: () => timed(ours),
  both: () =>
    timed((listener) => {
      process.on(SIGNAL, () => {});
      ours(listener);
    }),
};

contest(module, sides, async (round) => {
  for (let count = 0; count < WARM_UP; count++) await round();
  const rounds = [];
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round());
  const ns = Object.fromEntries(
    Object.keys(sides).map((side) => [side, median(rounds.map((times) => times[side]))]),
  );
  const how = `p50 of ${SIGNALS} signals, ${ROUNDS} rounds`;
  report(
    {
      what: 'process.kill to the listener, against process.on',
      ...ratios(rounds, 'sigbridge', 'process.on'),
      unit: 'times',
      atMost: 1,
      how,
      beside: { ns },
    },
    {
      what: 'the same, with a process.on listener beside ours',
      ...ratios(rounds, 'both', 'process.on'),
      unit: 'times',
      atMost: 1.1,
      how,
    },
  );
});
