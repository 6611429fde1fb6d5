import { describe, expect, test } from '@jest/globals';

import type * as Sigbridge from 'sigbridge';

import { scenario } from '../../support/scenario';

type Change = Sigbridge.Change;

describe('what a change says of itself', () => {
  test.each(['SIGHUP', 'SIGRTMIN+5'])('%s: changed is true only when it was', async (signal) => {
    const running = await scenario(
      ({ sigbridge, args, report }) => {
        const steps = [sigbridge.reset, sigbridge.ignore, sigbridge.ignore, sigbridge.reset];
        report(steps.map((step) => step(args)));
      },
      { args: signal },
    );
    expect(await running.next<Change[]>()).toEqual([
      { signal, before: 'default', after: 'default', changed: false },
      { signal, before: 'default', after: 'ignore', changed: true },
      { signal, before: 'ignore', after: 'ignore', changed: false },
      { signal, before: 'ignore', after: 'default', changed: true },
    ]);
  });

  // The C library adds a bit of its own to whatever it installs: SA_RESTORER.
  test('a signal that was changed and put back looks as if it had never been touched', async () => {
    const running = await scenario(({ sigbridge, report }) => {
      const before = sigbridge.inspect('SIGRTMIN+5');
      const change = sigbridge.ignore('SIGRTMIN+5');
      const restored = sigbridge.restore(change);
      report([before, sigbridge.inspect('SIGRTMIN+5'), restored.changed]);
    });
    const [before, after, changed] = await running.next<[unknown, unknown, boolean]>();
    expect(before).toMatchObject({ disposition: 'default', flags: [] });
    expect(after).toEqual(before);
    expect(changed).toBe(true);
  });
});
