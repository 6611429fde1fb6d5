'use strict';

const { fork } = require('node:child_process');

/**
 * Sides that do the same thing, each in a process of its own so that none changes what another
 * does. They take turns, round by round, so that whatever slows the machine slows all of them.
 *
 * A measurement's file calls this once; it is also what runs in the processes of the sides.
 * @param {NodeJS.Module} file the caller's `module`
 * @param {Record<string, () => (...args: unknown[]) => unknown>} sides what prepares each side, and
 *   gives back its round
 * @param {(round: (...args: unknown[]) => Promise<Record<string, any>>) => Promise<void>} referee
 *   runs in the measurement's own process; each call of `round` gives what each side gave
 */
async function contest(file, sides, referee) {
  const side = process.env.BENCH_SIDE;
  if (side !== undefined) return take(sides[side]());
  const names = Object.keys(sides);
  const players = names.map((name) => start(file.filename, name));
  let first = 0;
  await referee(async (...args) => {
    const results = {};
    // Another one begins each time: the first of a round finds colder caches.
    for (let turn = 0; turn < names.length; turn++) {
      const at = (first + turn) % names.length;
      results[names[at]] = await ask(players[at], args);
    }
    first++;
    return results;
  });
  for (const player of players) player.process.disconnect();
}

function start(filename, side) {
  const player = fork(filename, { env: { ...process.env, BENCH_SIDE: side } });
  const waiting = [];
  player.on('message', (message) => waiting.shift()(message));
  player.on('exit', (code, signal) => {
    for (const answer of waiting) answer({ error: `it ended: ${signal ?? code}` });
  });
  return { process: player, waiting };
}

async function ask({ process: player, waiting }, args) {
  const { result, error } = await new Promise((answer) => {
    waiting.push(answer);
    player.send(args);
  });
  if (error !== undefined) throw new Error(`A side of the contest failed: ${error}`);
  return result;
}

function take(round) {
  process.on('message', (args) => {
    Promise.resolve(args)
      .then((given) => round(...given))
      .then((result) => process.send({ result }))
      .catch((error) => process.send({ error: error.stack }));
  });
}

module.exports = { contest };
