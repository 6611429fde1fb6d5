'use strict';

// Node: sigbridge, or process.on. receiver.js latency|burst <signal> sigbridge|process
const { writeSync } = require('node:fs');
const { constants } = require('node:os');

const [mode, number, which] = process.argv.slice(2);
const result = new BigInt64Array(2); // how many, and when the last one came
const arrived = new BigInt64Array(1);

const onSignal = () => {
  arrived[0] = process.hrtime.bigint();
  result[0]++;
  result[1] = arrived[0];
  if (mode === 'latency') writeSync(1, arrived);
};

if (which === 'sigbridge') {
  require('sigbridge').on(Number(number), (event) => {
    onSignal();
    result[0] += BigInt(event.coalesced);
  });
} else {
  const names = Object.entries(constants.signals);
  process.on(names.find(([, value]) => value === Number(number))[0], onSignal);
}

process.stdin.on('end', () => {
  writeSync(1, result);
  process.exit();
});
process.stdin.resume();
writeSync(1, 'ready\n');
