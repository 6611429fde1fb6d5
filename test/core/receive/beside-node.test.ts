import { test } from '@jest/globals';

// The same in each Node: npm run test:versions.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const scenarios = require('../../versions/scenarios/beside-node/scenarios.cjs') as Record<
  string,
  () => Promise<void>
>;

test.each(Object.entries(scenarios))('%s', async (_name, run) => {
  await run();
});
