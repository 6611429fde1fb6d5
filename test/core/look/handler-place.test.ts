import fs from 'node:fs';

import { expect, test } from '@jest/globals';

import type * as Sigbridge from 'sigbridge';

import { scenario } from '../../support/scenario';

// The loader knows the executable only by the word that it was started with.
test('a handler in the executable is named by its path, whatever it was called by', async () => {
  const running = await scenario(
    ({ sigbridge, report }) => {
      report([process.argv0, process.execPath, sigbridge.inspect('SIGTERM').handler]);
    },
    { node: 'node' },
  );
  const [word, path, handler] =
    await running.next<[string, string, Sigbridge.SignalState['handler']]>();
  expect(word).toBe('node');
  expect(handler?.module).toBe(fs.realpathSync(path));
  expect(handler?.symbol).toContain('SignalExit');
});
