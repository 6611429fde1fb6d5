import path from 'node:path';

import { expect } from '@jest/globals';

import { type Scenario, scenario } from '../support/scenario';

/** Starts one of `closables.js`, where what is under way with each of them stands. */
export async function closing(name: string, servers: Record<string, string>): Promise<Scenario> {
  return await scenario(
    async ({ require, report, args }) => {
      const { run } = require(args.file) as {
        run: (name: string, inside: object) => Promise<void>;
      };
      await run(args.name, { require, report, args });
    },
    { args: { name, file: path.join(__dirname, 'closables.js'), ...servers } },
  );
}

/** SIGTERM in the middle: what is under way ends well, then the stage does, and the process by the signal. */
export async function endsWell(child: Scenario, method: string): Promise<void> {
  child.kill('SIGTERM');
  const seen = [await child.next(), await child.next()];
  expect(seen).toEqual(expect.arrayContaining([true, [method, 'done']]));
  expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
}

/** Asks again and again. */
export async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
}
