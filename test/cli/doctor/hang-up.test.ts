// What ends with the leader of its session, or with the first process of its container, whatever the key does to itself.
import { expect, test } from '@jest/globals';

import { untilGone, untilState } from '../../support/kernel';
import { childOf, diagnosed } from '../../support/patients';
import { CTRL_C, onTerminal, type Terminal } from '../../support/pty';
import type { Diagnosis } from '../../../lib/cli/doctor/index';

/** What a script on a terminal has in the background, and what the doctor says of it. */
async function behind(script: string): Promise<[Terminal, number, Diagnosis]> {
  const terminal = onTerminal(['sh', '-c', script]);
  const pid = await childOf(terminal.pid, 'sleep');
  await untilState(pid, 'S');
  await untilState(terminal.pid, 'S');
  return [terminal, pid, await diagnosed(pid, 'SIGINT')];
}

test('it ignores the key, and ends with the leader of its session', async () => {
  const [terminal, pid, found] = await behind('sleep 600 & wait');
  expect(found).toMatchObject({ disposition: 'ignored', acts: true, effect: 'ends' });
  const [cause] = found.causes.filter(({ rule }) => rule === 'hang-up');
  expect(cause).toMatchObject({ importance: 'note', culprit: { pid: terminal.pid } });
  expect(cause?.title).toMatch(/^the leader of its session, .* ends by Ctrl\+C, and that ends it$/);
  expect(cause?.conclusions).toEqual([
    'When the leader of a session has ended, its terminal sends SIGHUP to the foreground group.',
  ]);
  terminal.write(CTRL_C);
  await untilGone(pid);
});

test('where the leader has a trap, that decides', async () => {
  const [, , found] = await behind("trap 'exit 1' INT; sleep 600 & wait");
  expect(found).toMatchObject({ acts: null, effect: 'unknown' });
  const [cause] = found.causes.filter(({ rule }) => rule === 'hang-up');
  expect(cause?.title).toMatch(/ may end by Ctrl\+C, and that ends it then$/);
});

test.each([
  ['that ignores the hang-up', 'nohup sleep 600 >/dev/null 2>&1 & wait'],
  ['in a session of its own', 'setsid sleep 600 & wait'],
  ['of a leader that ignores the key', "trap '' INT; sleep 600 & wait"],
])('one %s goes on', async (_, script) => {
  const [, , found] = await behind(script);
  expect(found).toMatchObject({ acts: false, effect: 'nothing' });
  expect(found.causes.map(({ rule }) => rule)).not.toContain('hang-up');
});
