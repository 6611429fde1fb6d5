// What this user may not see is not guessed at, and inspect says the same as doctor.
import { describe, expect, test } from '@jest/globals';

import { asUser, diagnosed, type Judgement, readableMain, start } from '../../support/patients';
import { IS_ROOT } from '../../support/unshare';

const NOBODY = 65534;

// Nobody's, where root asks; else our own.
const somebody = IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {};
const asked = async (pid: number, signal: string): Promise<Judgement> =>
  IS_ROOT ? asUser(NOBODY, pid, signal) : diagnosed(pid, signal);

describe('a process that does not show itself to its own user', () => {
  const program = (work: string): [string, ...string[]] => [
    '/usr/bin/python3',
    '-c',
    `
import ctypes, os, signal, time
libc = ctypes.CDLL(None)
libc.prctl(4, 0)
${work}`,
  ];

  test('may read from a signalfd what it blocks', async () => {
    const work = `
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
fd = libc.signalfd(-1, (ctypes.c_ulong * 16)(1 << (signal.SIGTERM - 1)), 0)
print('ready', flush=True)
os.read(fd, 128)`;
    const { pid } = await start(program(work), { says: 'ready', ...somebody });
    const found = await asked(pid, 'SIGTERM');
    expect(found).toMatchObject({ acts: null, effect: 'unknown' });
    expect(found.rules[0]).toBe('hidden');
    expect(found.cause('hidden').evidence).toEqual([
      `/proc/${String(pid)}/fd cannot be read: EACCES.`,
    ]);
    if (IS_ROOT) expect(await diagnosed(pid, 'SIGTERM')).toMatchObject({ acts: true });
  });

  test('may have an event loop that does not turn', async () => {
    const work = "signal.signal(15, print); print('ready', flush=True); time.sleep(600)";
    const { pid } = await start(program(work), { says: 'ready', ...somebody });
    expect(await asked(pid, 'SIGTERM')).toMatchObject({ acts: null });
    // Nothing keeps these.
    expect(await asked(pid, 'SIGKILL')).toMatchObject({ acts: true });
  });
});

// Who is not root mounts no such /proc.
if (IS_ROOT) {
  test('where /proc hides other users, doctor and inspect agree that it is there', async () => {
    const { pid } = await start(['sleep', '600']);
    const ask = (command: string): string =>
      `"$0" "$1" ${command} ${String(pid)} 2>&1; echo "${command} $?"`;
    const asked = `${ask('doctor')}; ${ask('inspect')}; echo done; read line`;
    const user = `setpriv --reuid=${String(NOBODY)} --regid=${String(NOBODY)} --clear-groups`;
    const script = `mount -t proc -o hidepid=2 proc /proc && exec ${user} sh -c '${asked}' "$0" "$1"`;
    const { child } = await start([
      'unshare',
      '--mount',
      'sh',
      '-c',
      script,
      process.execPath,
      readableMain(),
    ]);
    let text = '';
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (chunk: string) => {
        text += chunk;
        if (text.includes('done')) resolve();
      });
    });
    expect(text).toMatch(/EACCES[^]*doctor 2\n[^]*EACCES[^]*inspect 1\n/);
    expect(text).not.toContain('no process');
  });
}
