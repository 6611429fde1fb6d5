import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { expect, test } from '@jest/globals';

import { createLog, readLog } from '../../lib/cli/trace/log';
import { Progress } from '../../lib/cli/trace/Progress';
import { fixturePath } from '../support/fixtures';
import { folder } from '../support/trace';

const CHANGES = 100_000;
const ROUNDS = 21;
const LIBRARY = path.join(__dirname, '../../build/Release/sigbridge-preload.so');

function middle(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function changesIn(log: string): number {
  return readLog(log, new Progress(null)).records.filter(
    ({ kind }) => kind === 'action' || kind === 'mask',
  ).length;
}

/** ns that a program took for its changes, as it has measured itself; each time with a log of its own. */
function timesOf(word: string): { plain: number; watched: number; records: number } {
  const log = path.join(folder(), 'log');
  const run = (env: NodeJS.ProcessEnv): number => {
    const argv = [`${word}=${CHANGES}`];
    const { stdout } = spawnSync(fixturePath('changes'), argv, { env, encoding: 'utf8' });
    return Number(stdout);
  };
  const plain: number[] = [];
  const watched: number[] = [];
  let records = 0;
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(run({}));
    createLog(log);
    watched.push(run({ LD_PRELOAD: LIBRARY, SIGBRIDGE_TRACE: log }));
    if (round === 0) records = changesIn(log);
    fs.rmSync(log);
  }
  return { plain: middle(plain), watched: middle(watched), records };
}

test.each(['sigaction', 'signal', 'sigprocmask'])(
  'a hundred thousand changes by %s take at most three times as long, and all are recorded',
  (word) => {
    const { plain, watched, records } = timesOf(word);
    expect(records).toBe(CHANGES);
    expect(watched / plain).toBeLessThanOrEqual(3);
  },
);

test('a program that changes nothing starts at most 20 ms later, and loses nothing afterwards', () => {
  const log = path.join(folder(), 'log');
  createLog(log);
  const run = (env: NodeJS.ProcessEnv): number => {
    const start = process.hrtime.bigint();
    spawnSync('/bin/true', [], { env });
    return Number(process.hrtime.bigint() - start) / 1e6;
  };
  const plain: number[] = [];
  const watched: number[] = [];
  for (let round = 0; round < 50; round++) {
    plain.push(run({}));
    watched.push(run({ LD_PRELOAD: LIBRARY, SIGBRIDGE_TRACE: log }));
  }
  expect(middle(watched) - middle(plain)).toBeLessThan(20);
});
