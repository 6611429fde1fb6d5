import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { killSpawned, signalMatchers, spawnWith } from 'sigbridge/testing';
import type {} from 'sigbridge/testing/jest';

import { GUARD_MS } from '../support/guard';
import { scenario } from '../support/scenario';

const ROOT = path.join(__dirname, '../..');
const BODY = fs.readFileSync(path.join(__dirname, '../fixtures/runners/signals.js'), 'utf8');

expect.extend(signalMatchers);
afterEach(killSpawned);

/** What a runner says of each test: its message, or `null` where it passed. */
type Verdicts = Record<string, string | null>;

interface Runner {
  /** The head of the test file, which gives `kit` and `sigbridge`. */
  head: string;
  argv: readonly string[];
}

const RUNNERS: Record<string, Runner> = {
  jest: {
    head: "const kit = require('sigbridge/testing');\nconst sigbridge = require('sigbridge');\n",
    argv: ['node_modules/jest/bin/jest.js', '--json', '--watchman=false', '--ci', '--rootDir', '.'],
  },
  vitest: {
    head: "import * as kit from 'sigbridge/testing';\nimport * as sigbridge from 'sigbridge';\n",
    argv: ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--globals'],
  },
};

/** Runs the tests of test/fixtures/runners in a project of their own. */
async function runIn({ head, argv }: Runner): Promise<Verdicts> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-runner-'));
  try {
    fs.mkdirSync(path.join(folder, 'node_modules'));
    for (const name of ['jest', 'vitest']) {
      fs.symlinkSync(
        path.join(ROOT, 'node_modules', name),
        path.join(folder, 'node_modules', name),
      );
    }
    fs.symlinkSync(ROOT, path.join(folder, 'node_modules/sigbridge'));
    fs.writeFileSync(path.join(folder, 'package.json'), '{}');
    fs.writeFileSync(path.join(folder, 'signals.test.js'), head + BODY);
    return verdictsOf(await outputOf(argv, folder));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function outputOf(argv: readonly string[], cwd: string): Promise<string> {
  // Neither is to take itself for a part of the jest that runs this.
  const env = { ...process.env, JEST_WORKER_ID: undefined, NODE_ENV: undefined, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { cwd, env }, (_error, stdout, stderr) => {
      resolve(stdout.includes('{') ? stdout : stderr);
    });
  });
}

interface Report {
  testResults: {
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

function verdictsOf(output: string): Verdicts {
  const report = JSON.parse(output.slice(output.indexOf('{'))) as Report;
  const results = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  return Object.fromEntries(
    results.map(({ fullName, status, failureMessages }) => [
      fullName.trim(),
      status === 'passed' ? null : messageOf(failureMessages),
    ]),
  );
}

// Without stacks, and without what differs from run to run.
function messageOf(messages: readonly string[]): string {
  return messages
    .map((message) => message.replace(/\n\s+at [^]*$/, '').replace(/^\w*Error: /, ''))
    .join('\n')
    .replace(/(process|thread) \d+/g, '$1 PID')
    .replace(/\(sigbridge_handler_v1 in .*?; /g, '(…; ');
}

const SLEEPS = [
  'sleep 1000 (process PID, sleeping)',
  '  ignored  SIGHUP',
  '  caught   nothing',
  '  pending  nothing',
  '  thread PID (sleep): blocked SIGUSR1 SIGRTMIN+1; pending nothing',
].join('\n');

function shown(head: string, sentence: string, state = `\n\n${SLEEPS}`): string {
  return `expect(process).${head}\n\nExpected process PID ${sentence}${state}`;
}

const MESSAGES = {
  passes: null,
  'passes after a leak': null,
  'fails toIgnore': shown("toIgnore('SIGINT')", 'to ignore SIGINT; it is'),
  'fails not.toIgnore': shown("not.toIgnore('SIGHUP')", 'not to ignore SIGHUP; it is'),
  'fails toCatch': shown("toCatch('SIGINT')", 'to catch SIGINT; it is'),
  'fails toBlock': shown("toBlock('SIGINT')", 'to block SIGINT; it is'),
  'fails not.toBlock': shown("not.toBlock('SIGUSR1')", 'not to block SIGUSR1; it is'),
  'fails toHavePending': shown("toHavePending('SIGUSR1')", 'to have pending SIGUSR1; it is'),
  'fails toDieBySignal': shown(
    "toDieBySignal('SIGTERM')",
    'to die by SIGTERM; it died by SIGKILL',
    '',
  ),
  'fails toDieBySignal, as it lives': shown(
    "toDieBySignal('SIGTERM')",
    'to die by SIGTERM; 50 ms later it still lives:',
    `\n${SLEEPS}`,
  ),
  'fails not.toDieBySignal': shown(
    "not.toDieBySignal('SIGTERM')",
    'not to die by SIGTERM; it died by SIGTERM',
    '',
  ),
};

describe.each(Object.entries(RUNNERS))('in %s', (_name, runner) => {
  let verdicts: Verdicts = {};

  beforeAll(async () => {
    verdicts = await runIn(runner);
  });

  test('the matchers pass and fail, and show the whole state', () => {
    expect(verdicts).toMatchObject(MESSAGES);
  });

  test('a test that leaks a handler fails, and names it', () => {
    expect(verdicts['fails by a leak']).toMatch(
      /^Signals of this process are not as they were:\n {2}SIGUSR2 disposition: default before, a handler of sigbridge \(…;.*\) now\n {2}SIGUSR2 listeners: 0 of sigbridge .* before, 1 of sigbridge .* now$/,
    );
    expect(verdicts['fails by what is taken away']).toMatch(
      /handler of sigbridge .* before, default now/,
    );
  });

  test('nothing else fails', () => {
    const failed = Object.keys(verdicts).filter((test) => verdicts[test] !== null);
    expect(failed.filter((test) => !test.startsWith('fails'))).toEqual([]);
    expect(Object.keys(verdicts)).toHaveLength(Object.keys(MESSAGES).length + 2);
  });
});

describe('the matchers', () => {
  test('take a process, its id, a ChildProcess and a scenario', async () => {
    const child = await scenario(({ sigbridge, report, next }) => {
      sigbridge.ignore('SIGRTMIN+3');
      process.on('SIGUSR2', () => undefined);
      report();
      return next();
    });
    await child.next();
    expect(child).toIgnore('SIGRTMIN+3');
    expect(child.pid).toCatch('SIGUSR2');
    expect(process).not.toIgnore('SIGRTMIN+3');
    child.kill('SIGTERM');
    await expect(child).toDieBySignal('SIGTERM', { timeoutMs: GUARD_MS });
  });

  test('toDieBySignal takes a ChildProcess before and after its end, and a result of spawnSync', async () => {
    const child = spawn('sleep', ['1000']);
    const death = expect(child).toDieBySignal('SIGHUP', { timeoutMs: GUARD_MS });
    child.kill('SIGHUP');
    await death;
    await expect(child).toDieBySignal('SIGHUP');
    const own = spawn('sh', ['-c', 'exit 3']);
    await once(own, 'exit');
    await expect(expect(own).toDieBySignal('SIGHUP')).rejects.toThrow(
      /to die by SIGHUP; it ended by itself, with exit code 3/,
    );
    await expect(spawnSync('sh', ['-c', 'kill -INT $$'])).toDieBySignal('SIGINT');
  });

  test('toBlock speaks of the main thread, and shows the others', async () => {
    const child = await scenario(async ({ sigbridge, fixture, report, next }) => {
      const raw = fixture('raw');
      const tid = raw.startThread({ block: [14] });
      sigbridge.mask.block(['SIGUSR2']);
      report();
      await next();
      raw.endThread(tid);
    });
    await child.next();
    expect(child).toBlock('SIGUSR2');
    expect(() => {
      expect(child).toBlock('SIGUSR1');
    }).toThrow(/thread \d+ \([^)]*\): blocked SIGALRM; pending nothing/);
    child.tell();
    await child.exit;
  });

  test('refuse what is no process, no signal, and what has ended', async () => {
    const use = (received: unknown, signal: string): (() => void) => {
      return () => {
        expect(received as number).toIgnore(signal);
      };
    };
    expect(use('x', 'SIGINT')).toThrow(/Invalid process: 'x'; expected a process id/);
    expect(use(process, 'SIGFOO')).toThrow(/Unknown signal 'SIGFOO'/);
    expect(use(spawnSync('true'), 'SIGINT')).toThrow(/There is no process/);
    await expect(expect({}).toDieBySignal('SIGINT')).rejects.toThrow(/expected a child process/);
    const child = await spawnWith('true');
    await child.exit;
    expect(use(child, 'SIGINT')).toThrow(/There is no process \d+, or none any more/);
  });
});
