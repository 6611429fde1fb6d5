'use strict';

// Builds every peer and runs each for a few signals: none may be missing, none may hang or die.
const { buildPeers, REALTIME, send, sendToChurn, SIGUSR2 } = require('./build');

const COUNT = 300;

const { present, missing } = buildPeers();
const wrong = missing.map(({ name, reason }) => `${name} is missing: ${reason}`);

for (const peer of present) {
  const { name, burst = REALTIME, churn } = peer;
  const times = send('latency', SIGUSR2, COUNT, peer);
  if (times.length !== COUNT || times.some((ns) => ns <= 0)) wrong.push(`${name}: latency`);
  if (send('burst', burst, COUNT, peer).received < 1) wrong.push(`${name}: burst`);
  if (churn === undefined) continue;
  const ours = name === 'sigbridge';
  const { sent, lost, killed } = ours
    ? sendToChurn('flood', REALTIME, COUNT, churn)
    : sendToChurn('ask', SIGUSR2, COUNT / 10, churn);
  if (ours ? lost + killed > 0 : lost >= sent) wrong.push(`${churn.name}: ${lost} of ${sent} lost`);
}

process.stdout.write(`${present.map(({ name }) => name).join(', ')}\n`);
for (const line of wrong) process.stderr.write(`${line}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
