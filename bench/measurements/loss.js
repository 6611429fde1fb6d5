'use strict';

// What is lost while a receiver registers and unregisters in a loop. sigbridge is sent numbered
// real-time signals, up to 50,000 of them under way, and holds what comes in between, as
// docs/two-phases.md describes; its peers, standard ones, the next after the answer to the last.
const { buildPeers, REALTIME, sendToChurn, SIGUSR2 } = require('../peers/build');
const { report } = require('../support/report');

const NUMBERED = 100_000;
const ASKED = 2_000;

function measure({ name, argv }) {
  const ours = name === 'sigbridge';
  const [mode, signal, count] = ours ? ['flood', REALTIME, NUMBERED] : ['ask', SIGUSR2, ASKED];
  return { name, ...sendToChurn(mode, signal, count, { argv }) };
}

const churns = buildPeers()
  .present.map(({ churn }) => churn)
  .filter((churn) => churn !== undefined);
const loss = churns.map(measure);

report(
  ...loss.flatMap(({ name, sent, lost, killed }) => {
    const ours = name === 'sigbridge';
    const common = {
      unit: `of ${sent}`,
      ...(ours ? { atMost: 0 } : {}),
      how: ours
        ? 'real-time signals with numbers, 50,000 under way, under a hold that is renewed'
        : 'standard signals, the next after the answer or 20 ms, for 20 s at most',
    };
    return [
      {
        what: `lost while registering and unregistering: ${name}`,
        value: lost,
        ...common,
        ...(ours ? { beside: { loss } } : {}),
      },
      { what: `killed while registering and unregistering: ${name}`, value: killed, ...common },
    ];
  }),
);
