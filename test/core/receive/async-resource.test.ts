import { expect, test } from '@jest/globals';

import { scenario } from '../../support/scenario';

// As why-is-node-running asks: what does not say that it is unreferenced is taken to keep the process alive.
test('to who asks by async_hooks, ours keeps the process alive only where ref is asked for', async () => {
  const child = await scenario(async ({ sigbridge, require, report, settle }) => {
    const { createHook } = require('node:async_hooks') as typeof import('node:async_hooks');
    let resource: { hasRef?: () => boolean } | undefined;
    const init = (_: number, type: string, __: number, made: object): void => {
      if (type === 'sigbridge') resource = made;
    };
    createHook({ init }).enable();
    const hasRef = (): unknown => resource?.hasRef?.();
    sigbridge.on('SIGHUP', () => undefined);
    await settle();
    report(hasRef());
    const subscription = sigbridge.on('SIGUSR2', () => undefined, { ref: true });
    report(hasRef());
    subscription.close();
    report(hasRef());
  });
  expect([await child.next(), await child.next(), await child.next()]).toEqual([
    false,
    true,
    false,
  ]);
});
