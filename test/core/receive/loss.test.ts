import { describe, expect, test } from '@jest/globals';

import { loss, nothingLost, WAYS } from '../../support/loss';

const COUNT = 10_000;

describe('10,000 numbers to a process that registers and unregisters all the time', () => {
  test.each(WAYS)('are all heard, in order: %s', async (way) => {
    const { cycles, ...found } = await loss(way, COUNT);
    expect(found).toEqual(nothingLost(COUNT));
    expect(cycles).toBeGreaterThan(20);
  });
});
