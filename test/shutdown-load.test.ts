import { describe, expect, test } from '@jest/globals';

import { terminateUnderLoad } from './support/servers';

describe('an HTTP server under constant load', () => {
  test('loses no request when SIGTERM comes in the middle', async () => {
    for (let run = 0; run < 5; run++) await terminateUnderLoad();
    expect.hasAssertions();
  });
});
