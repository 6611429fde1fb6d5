import { describe, expect, test } from '@jest/globals';

import { allOf, sendNumbers, type Meanwhile } from '../support/numbered';

const RUNS = 100;
const COUNT = 60_000;

describe(`in ${RUNS} runs, 60,000 numbers come once, whole and in order to a process that`, () => {
  test.each<Meanwhile>([
    'waits',
    'computes',
    'uses the thread pool',
    'has workers from before',
    'has workers from later',
    'receives in a worker alone',
    'receives in two threads',
  ])('%s', async (meanwhile) => {
    for (let run = 1; run <= RUNS; run++) {
      const { tallies, sender } = await sendNumbers(meanwhile, COUNT);
      const right = tallies.map(() => allOf(COUNT, sender));
      expect({ run, tallies }).toEqual({ run, tallies: right });
    }
  });
});
