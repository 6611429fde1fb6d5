'use strict';

// What a look at signals costs.
const { report } = require('../support/report');
const { median, summary } = require('../support/statistics');
const { since } = require('../support/turns');
const { inspect, inspectAll, on } = require('sigbridge');

const ROUNDS = 200;
// The kinds there are: the runtime's handler, libuv's, ours, none, ignored.
const SIGNALS = ['SIGINT', 'SIGHUP', 'SIGUSR2', 'SIGRTMIN+3', 'SIGPIPE'];
const LOOKS = 100;
const LOOKS_AT_ALL = 5;

process.on('SIGHUP', () => {});
on('SIGUSR2', () => {});

/** Microseconds for one call, in each round. */
function timed(calls, call) {
  const start = process.hrtime.bigint();
  for (let count = 0; count < calls; count++) call(count);
  return since(start) / calls / 1000;
}

const each = SIGNALS.map(() => []);
const mixed = [];
const all = [];
for (let round = -20; round < ROUNDS; round++) {
  const apart = SIGNALS.map((signal) => timed(LOOKS, () => inspect(signal)));
  const together = timed(LOOKS, (count) => inspect(SIGNALS[count % SIGNALS.length]));
  const every = timed(LOOKS_AT_ALL, inspectAll);
  if (round < 0) continue;
  apart.forEach((time, at) => each[at].push(time));
  mixed.push(together);
  all.push(every);
}

report(
  {
    what: 'inspect',
    ...summary(mixed),
    unit: 'µs',
    atMost: 3,
    how: `${SIGNALS.join(', ')} in turn, ${ROUNDS} rounds of ${LOOKS}`,
    beside: { µs: Object.fromEntries(SIGNALS.map((signal, at) => [signal, median(each[at])])) },
  },
  {
    what: 'inspectAll',
    ...summary(all),
    unit: 'µs',
    atMost: 150,
    how: `${inspectAll().length} signals, ${ROUNDS} rounds of ${LOOKS_AT_ALL}`,
  },
);
