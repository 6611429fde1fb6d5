import { describe, expect, test } from '@jest/globals';

import { allOf, sendNumbers, type Meanwhile } from '../support/numbered';

const COUNT = 60_000;

describe('60,000 numbers come once, whole and in order to a process that', () => {
  test.each<[Meanwhile, number]>([
    ['waits', 100],
    ['computes', 100],
    ['uses the thread pool', 100],
    ['receives in two threads', 100],
    // One of these computes all the time: with two cores, each run is twice as long.
    ['has workers from before', 50],
    ['has workers from later', 50],
  ])('%s, in %i runs', async (meanwhile, runs) => {
    for (let run = 1; run <= runs; run++) {
      const { tallies, sender } = await sendNumbers(meanwhile, COUNT);
      const right = tallies.map(() => allOf(COUNT, sender));
      expect({ run, tallies }).toEqual({ run, tallies: right });
    }
  });
});
