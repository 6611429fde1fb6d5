// Programs of all kinds end and answer under `sigbridge trace` as they do without it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { folder, traced } from './trace';

const NODE_TEST = `
const { test } = require('node:test');
const { once } = require('node:events');
test('passes', () => {});
test('fails', () => { throw new Error('on purpose'); });
test('gets a signal', async () => {
  const came = once(process, 'SIGHUP');
  process.kill(process.pid, 'SIGHUP');
  await came;
});
test('sees how a child ends', async () => {
  const child = require('node:child_process').spawn('sh', ['-c', 'kill -TERM $$']);
  const [, signal] = await once(child, 'exit');
  require('node:assert').strictEqual(signal, 'SIGTERM');
});
`;

const UNITTEST = `
import os, signal, subprocess, unittest

class Signals(unittest.TestCase):
    def test_handler(self):
        seen = []
        before = signal.signal(signal.SIGUSR1, lambda *a: seen.append(a[0]))
        os.kill(os.getpid(), signal.SIGUSR1)
        signal.signal(signal.SIGUSR1, before)
        self.assertEqual(seen, [signal.SIGUSR1])

    def test_mask(self):
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        os.kill(os.getpid(), signal.SIGUSR2)
        self.assertEqual(signal.sigpending(), {signal.SIGUSR2})
        self.assertEqual(signal.sigwait([signal.SIGUSR2]), signal.SIGUSR2)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def test_interrupt(self):
        with self.assertRaises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()

    def test_child(self):
        self.assertEqual(subprocess.run(["sh", "-c", "kill -KILL $$"]).returncode, -9)

    def test_fails(self):
        self.fail("on purpose")
`;

const BASH = `
set -u
trap 'echo "usr1 $?"' USR1
trap 'echo bye' EXIT
kill -USR1 $$
(trap '' HUP; sh -c 'kill -HUP $$; echo survived')
sleep 0 & wait $!; echo "background $?"
sh -c 'kill -SEGV $$'; echo "status $?"
f() { local x; for x in 1 2 3; do printf '%s ' "$x"; done; echo; }
f | cat
trap -p USR1
exit 42
`;

// Times and pids differ from run to run.
function steady(text: string): string {
  return text.replace(/\d+[.,]\d+/g, 'N').replace(/\b\d{3,}\b/g, 'P');
}

/** Each of them, with these options of trace. */
export function describePrograms(options: string[]): void {
  describe.each([
    [
      'node --test',
      'sample.test.js',
      NODE_TEST,
      [process.execPath, '--test', '--test-reporter=tap'],
    ],
    ['python3 -m unittest', 'sample.py', UNITTEST, ['python3', '-m', 'unittest', '-v']],
    ['bash', 'sample.sh', BASH, ['bash']],
  ])('%s', (_title, name, text, command) => {
    test('is the same', () => {
      const cwd = folder();
      fs.writeFileSync(path.join(cwd, name), text);
      const [program, ...args] = [...command, name];
      const plain = spawnSync(program, args, { cwd, encoding: 'utf8' });
      const { status, signal, stdout, stderr, trace } = traced([program, ...args], options, {
        cwd,
      });
      expect(steady(stdout)).toBe(steady(plain.stdout));
      expect(steady(stderr)).toBe(steady(plain.stderr));
      expect({ status, signal }).toEqual({ status: plain.status, signal: plain.signal });
      expect(plain.status).toBeGreaterThan(0);
      expect(trace.changes.filter(({ changed }) => changed).length).toBeGreaterThan(5);
    });
  });
}
