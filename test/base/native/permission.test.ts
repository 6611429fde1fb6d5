import fs from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

import { addNative, bareProject } from '../../support/installed';
import { toEnd } from '../../support/run';

const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

test('the core works with addons and its own files allowed, and names what it lacks beyond', () => {
  const project = bareProject();
  addNative(project, (binary) => binary);
  const file = path.join(project, 'program.cjs');
  fs.writeFileSync(
    file,
    `const { exitBySignal, inspectAll, isSupported, on, readProcess, send, watchdog } = require('sigbridge');
    for (const entry of ['debug', 'hold', 'manager', 'shutdown', 'testing']) require('sigbridge/' + entry);
    console.log(isSupported(), inspectAll().length > 60);
    try { readProcess(); } catch ({ code, message }) { console.log(code, message); }
    console.log(/SIGTERM/.test(String(require('sigbridge/debug').dump())));
    watchdog({ signals: 'SIGTERM' });
    on('SIGTERM', (event) => {
      console.log(event.signal, event.pid === process.pid, event.sender());
      exitBySignal('SIGTERM');
    }, { ref: true });
    send(process.pid, 'SIGTERM');`,
  );
  const allowed = ['--allow-addons', `--allow-fs-read=${project}/`];
  const run = toEnd([process.execPath, '--no-warnings', PERMISSION, ...allowed, file]);
  expect(run).toEqual({
    status: null,
    signal: 'SIGTERM',
    stdout: [
      'true true',
      'ERR_PERMISSION Reading a process is not permitted: node --permission was given no --allow-fs-read=/proc.',
      'true',
      'SIGTERM true null',
      '',
    ].join('\n'),
    stderr: '',
  });
});
