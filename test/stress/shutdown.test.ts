import { expect, test } from '@jest/globals';

import { terminateUnderLoad } from '../support/servers';

test('200 times SIGTERM in the middle of constant load: no request is lost', async () => {
  for (let run = 0; run < 200; run++) await terminateUnderLoad();
  expect.hasAssertions();
});
