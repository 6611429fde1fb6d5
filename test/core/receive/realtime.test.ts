import { describe, expect, test } from '@jest/globals';

import { allOf, sendNumbers, type Meanwhile } from '../../support/numbered';

const COUNT = 60_000;

describe('60,000 numbers from another process come once, whole and in order to one that', () => {
  test.each<Meanwhile>([
    'waits',
    'computes for a second',
    'uses the thread pool',
    'has workers from before',
    'has workers from later',
    'receives in a worker alone',
    'receives in a worker',
    'receives in two threads',
  ])('%s', async (meanwhile) => {
    const { tallies, sender } = await sendNumbers(meanwhile, COUNT);
    expect(tallies).not.toHaveLength(0);
    for (const tally of tallies) expect(tally).toEqual(allOf(COUNT, sender));
  });
});
