import fs from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

import type { Diagnosis } from '../../lib/cli/doctor/index';
import { MAIN } from '../support/patients';
import { onTerminal } from '../support/pty';
import { folder } from '../support/trace';

const LOOKS = 8;

test('members of a job that come and go are looked at while they are there', async () => {
  const file = path.join(folder(), 'answers');
  const busy = 'for i in 1 2 3 4 5 6; do (while :; do /bin/true; done) & done;';
  const look = `"$0" "$1" doctor --json; echo ,;`;
  const looks = `i=0; while [ $i -lt ${LOOKS} ]; do ${look} i=$((i + 1)); done > "$2"; kill 0`;
  const terminal = onTerminal(['sh', '-c', `${busy} ${looks}`, process.execPath, MAIN, file]);
  await terminal.exit;
  const answers = JSON.parse(`[${fs.readFileSync(file, 'utf8')} null]`) as ({
    processes: Diagnosis[];
  } | null)[];
  expect(answers).toHaveLength(LOOKS + 1);
  const gone = answers.flatMap((answer) =>
    (answer?.processes ?? []).filter(({ causes }) =>
      causes.some(({ rule }) => rule === 'no-such-process' || rule === 'zombie'),
    ),
  );
  expect(gone).toEqual([]);
}, 120_000);
