'use strict';

// Registers and unregisters all the time, and writes the number of each signal that reaches a
// listener. churn.js sigbridge|process <signal>
const { writeSync } = require('node:fs');
const { constants } = require('node:os');
const { setImmediate: turn } = require('node:timers/promises');

const [which, number] = process.argv.slice(2);
const answer = new Int32Array(1);

function tell(value) {
  answer[0] = value;
  writeSync(1, answer);
}

const ways = {
  /** Whatever comes while nobody listens waits in a hold, which is renewed before it is needed. */
  async sigbridge() {
    const { hold, on } = require('sigbridge');
    const signal = Number(number);
    let held = hold(signal);
    writeSync(1, 'ready\n');
    for (;;) {
      const subscription = on(signal, ({ value }) => tell(value));
      held.release();
      await turn();
      held = hold(signal);
      await turn(); // what had come before the hold is with the listener by then
      subscription.close();
    }
  },

  async process() {
    const names = Object.entries(constants.signals);
    const signal = names.find(([, value]) => value === Number(number))[0];
    const listener = () => tell(0);
    process.on(signal, listener);
    writeSync(1, 'ready\n');
    for (;;) {
      await turn();
      process.removeListener(signal, listener);
      process.on(signal, listener);
    }
  },
};

void ways[which]();
