'use strict';

/** How long nothing has to come before what is missing counts as lost, in ns. */
const PATIENCE = 5_000_000_000n;

/** Listens to `signal` and compares what comes with the numbers below `count` that are sent. */
function tally(on, signal, count) {
  const seen = new Uint8Array(count);
  const last = new Map();
  const found = { received: 0, coalesced: 0, twice: 0, torn: 0, inversions: 0 };
  const start = process.hrtime.bigint();

  const subscription = on(signal, (event) => {
    found.received++;
    found.coalesced += event.coalesced;
    if (!isWhole(event)) found.torn++;
    if (seen[event.value]++ > 0) found.twice++;
    if (event.value <= (last.get(event.pid) ?? -1)) found.inversions++;
    last.set(event.pid, event.value);
  });

  function isWhole({ number, code, uid, value, timestamp }) {
    const numbered = value !== null && value >= 0 && value < count;
    const timely = timestamp > start && timestamp < process.hrtime.bigint();
    return (
      number === signal && code === 'SI_QUEUE' && uid === process.getuid() && numbered && timely
    );
  }

  /** When the first `sent` have come, or nothing comes any more. */
  async function settled(sent = count) {
    let came = -1;
    let since = process.hrtime.bigint();
    while (found.received + found.coalesced < sent) {
      await new Promise(setImmediate);
      const now = process.hrtime.bigint();
      if (found.received !== came) since = now;
      came = found.received;
      if (now - since > PATIENCE) break;
    }
    // One too many would come right behind the last.
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    const lost = sent - found.received - found.coalesced;
    return { ...found, lost, senders: [...last.keys()] };
  }

  return { subscription, settled };
}

module.exports = { tally };
