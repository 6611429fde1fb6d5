'use strict';

// Twenty signals at once: one prepared batch, twenty calls of `on`, twenty of `process.on`.
const { contest } = require('../support/contest');
const { report } = require('../support/report');
const { median, ratios } = require('../support/statistics');
const { since, turns } = require('../support/turns');

const SIGNALS = [
  ...['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGTERM'],
  ...['SIGSTKFLT', 'SIGCONT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGURG', 'SIGXCPU', 'SIGVTALRM'],
  ...['SIGWINCH', 'SIGIO', 'SIGPWR', 'SIGSYS'],
];
const ROUNDS = 300;
const WARM_UP = 50;

const listener = () => {};

/** Times what sets up; what takes it down again, and the turns after it, are not counted. */
const timed = (up) => async () => {
  const start = process.hrtime.bigint();
  const down = up();
  const ns = since(start);
  down();
  await turns(2);
  return ns;
};

const closing = (subscriptions) => () => {
  for (const subscription of subscriptions) subscription.close();
};

const sides = {
  'process.on': () =>
    timed(() => {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.removeListener(signal, listener);
      };
    }),
  on: () => {
    const { on } = require('sigbridge');
    return timed(() => closing(SIGNALS.map((signal) => on(signal, listener))));
  },
  prepare: () => {
    const { prepare } = require('sigbridge');
    return timed(() => {
      const registration = prepare();
      const subscriptions = SIGNALS.map((signal) => registration.on(signal, listener));
      registration.commit();
      return closing(subscriptions);
    });
  },
  'prepare, commit alone': () => {
    const { prepare } = require('sigbridge');
    return async () => {
      const registration = prepare();
      const subscriptions = SIGNALS.map((signal) => registration.on(signal, listener));
      return timed(() => {
        registration.commit();
        return closing(subscriptions);
      })();
    };
  },
};

contest(module, sides, async (round) => {
  for (let count = 0; count < WARM_UP; count++) await round();
  const rounds = [];
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round());
  const us = Object.fromEntries(
    Object.keys(sides).map((side) => [side, median(rounds.map((ns) => ns[side])) / 1000]),
  );
  const how = `${ROUNDS} rounds, each after two turns of the event loop`;
  report(
    {
      what: 'commit() of 20 signals, against 20 process.on',
      ...ratios(rounds, 'prepare, commit alone', 'process.on'),
      unit: 'times',
      atMost: 0.5,
      how,
      beside: { us },
    },
    {
      what: 'prepare and commit of 20 signals, against 20 calls of on',
      ...ratios(rounds, 'prepare', 'on'),
      unit: 'times',
      how,
    },
  );
});
