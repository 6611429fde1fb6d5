'use strict';

// Real-time signals that another process has queued while the event loop was blocked: how fast they
// reach the listener once it is free.
const { spawnSync } = require('node:child_process');
const { report } = require('../support/report');
const { summary } = require('../support/statistics');
const { on, send } = require('sigbridge');

const SIGNAL = 'SIGRTMIN+6';
const SIGNALS = 50_000;
const ROUNDS = 15;
const WARM_UP = 3;
const PATIENCE_MS = 20_000;

function sendAll(pid) {
  for (let value = 0; value < SIGNALS; value++) sendOne(pid, value);
}

// The limit on queued signals is the user's: other programs may have used it up for a while.
function sendOne(pid, value) {
  for (const since = Date.now(); ;) {
    try {
      return send(pid, SIGNAL, { value });
    } catch (error) {
      if (error.code !== 'ERR_QUEUE_FULL' || Date.now() - since > PATIENCE_MS) throw error;
    }
  }
}

/** Signals a second, from the moment the loop is free to the last event. */
function round() {
  return new Promise((done) => {
    let received = 0;
    let inOrder = 0;
    let lastCame;
    const subscription = on(SIGNAL, (event) => {
      if (event.value === received) inOrder++;
      received += 1 + event.coalesced;
      lastCame = process.hrtime.bigint();
    });
    const { status } = spawnSync(process.execPath, [__filename, String(process.pid)], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) throw new Error(`The sender ended with ${status}.`);
    const free = process.hrtime.bigint();
    const look = (before) => {
      if (received > before || received === 0) return setImmediate(look, received);
      subscription.close();
      const lost = SIGNALS - received;
      done({ rate: (SIGNALS / Number(lastCame - free)) * 1e9, lost, inOrder });
    };
    setImmediate(look, 0);
  });
}

async function main() {
  const rounds = [];
  for (let count = -WARM_UP; count < ROUNDS; count++) {
    const result = await round();
    if (count >= 0) rounds.push(result);
  }
  const total = SIGNALS * ROUNDS;
  report(
    {
      what: '50,000 queued real-time signals, delivered once the loop is free',
      ...summary(rounds.map(({ rate }) => rate)),
      unit: 'a second',
      atLeast: 300_000,
      how: `${SIGNAL} with values, from another process, ${ROUNDS} rounds`,
      beside: { outOfOrder: total - rounds.reduce((sum, { inOrder }) => sum + inOrder, 0) },
    },
    {
      what: 'the same: lost',
      value: rounds.reduce((sum, { lost }) => sum + Math.abs(lost), 0),
      unit: `of ${total}`,
      atMost: 0,
      how: 'counted, with what was folded into other events',
    },
  );
}

if (process.argv[2] !== undefined) sendAll(Number(process.argv[2]));
else main();
