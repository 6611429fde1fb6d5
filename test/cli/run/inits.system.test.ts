import { describe, expect, test } from '@jest/globals';

import { OPTION_SCENARIOS } from '../../support/init-options';
import { INIT_SCENARIOS } from '../../support/init-scenarios';

// Debian's, beside ours, which init.test.ts looks at: docs/run.md has the table of the three.
describe.each([...INIT_SCENARIOS, ...OPTION_SCENARIOS])('$what', ({ see, expected }) => {
  test.each(['tini', 'dumb-init'] as const)('%s', async (name) => {
    expect(await see(name)).toBe(expected[name]);
  });
});
