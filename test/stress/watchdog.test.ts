import os from 'node:os';

import { expect, test } from '@jest/globals';

import { scenario } from '../support/scenario';

test('ten thousand signals on a busy machine raise no false alarm', async () => {
  const child = await scenario(
    async ({ sigbridge, report, require, args }) => {
      const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
      const watchdog = sigbridge.watchdog({ afterMs: 500, signals: 'SIGUSR2' });
      const burners = Array.from({ length: 2 * args }, () => {
        return new Worker('for (;;);', { eval: true });
      });
      for (let count = 0; count < 10_000; count++) {
        const arrived = sigbridge.once('SIGUSR2', { ref: true });
        sigbridge.send(process.pid, 'SIGUSR2');
        await arrived;
      }
      report(watchdog.reports);
      await Promise.all(burners.map((burner) => burner.terminate()));
    },
    { args: os.availableParallelism() },
  );
  expect(await child.next()).toBe(0);
  expect((await child.exit).stderr).toBe('');
});
