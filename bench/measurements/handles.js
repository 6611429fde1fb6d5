'use strict';

// Processor time of one delivery in a program that has many open handles, against one that has none.
const { createSocket } = require('node:dgram');
const { contest } = require('../support/contest');
const { report } = require('../support/report');
const { median, ratios } = require('../support/statistics');

const SIGNAL = 'SIGUSR2';
const HANDLES = 10_000;
const SIGNALS = 500;
const ROUNDS = 60;
const WARM_UP = 6;

const kept = [];

async function openHandles(count) {
  while (kept.length < count) {
    const socket = createSocket('udp4');
    kept.push(socket);
    await new Promise((bound) => socket.bind(0, '127.0.0.1', bound));
    socket.unref();
  }
}

/** Microseconds of user and system time for each signal, one after another. */
const timed = (listen, handles) => {
  let arrived = () => {};
  listen(() => {
    arrived();
  });
  const send = () =>
    new Promise((done) => {
      arrived = () => setImmediate(done);
      process.kill(process.pid, SIGNAL);
    });
  return async () => {
    await openHandles(handles);
    const before = process.cpuUsage();
    for (let count = 0; count < SIGNALS; count++) await send();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / SIGNALS;
  };
};

const ours = (listener) => require('sigbridge').on(SIGNAL, listener);
const theirs = (listener) => process.on(SIGNAL, listener);

const sides = {
  'process.on': () => timed(theirs, 0),
  'process.on, handles': () => timed(theirs, HANDLES),
  sigbridge: () => timed(ours, 0),
  'sigbridge, handles': () => timed(ours, HANDLES),
};

contest(module, sides, async (round) => {
  for (let count = 0; count < WARM_UP; count++) await round();
  const rounds = [];
  for (let count = 0; count < ROUNDS; count++) rounds.push(await round());
  const us = Object.fromEntries(
    Object.keys(sides).map((side) => [side, median(rounds.map((times) => times[side]))]),
  );
  report({
    what: `processor time of a delivery with ${HANDLES.toLocaleString('en')} open handles, against none`,
    ...ratios(rounds, 'sigbridge, handles', 'sigbridge'),
    unit: 'times',
    atMost: 1.1,
    how: `${ROUNDS} rounds of ${SIGNALS} signals, each in a turn of its own`,
    beside: { us, 'process.on': ratios(rounds, 'process.on, handles', 'process.on') },
  });
});
