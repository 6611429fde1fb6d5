// What the kernel sends by itself, and what a shell does for job control: who is named, why, and what became of it.
import { describe, expect, test } from '@jest/globals';

import { start } from '../../support/inits';
import { kill } from '../../support/kill';
import { CAN_LIMIT_MEMORY, memoryGroup } from '../../support/memory-group';
import { CTRL_Z, onTerminal, type Terminal } from '../../support/pty';
import { CAN_WATCH, type Seen, type Watching, watching } from '../../support/watching';

/** The one signal of that name that a command and its children get. */
async function caused(signal: string, ...command: string[]): Promise<Seen> {
  const { seen, exit } = await watching(['--signal', signal, '--exec', ...command]);
  await exit;
  const [one] = seen;
  if (one === undefined || seen.length > 1) throw new Error(JSON.stringify(seen));
  return one;
}

// A list of system calls, each with what is to be done where it is called: seccomp(2).
const FORBID_GETPPID = `
import ctypes, struct
libc = ctypes.CDLL(None)
number = {'x86_64': 110, 'aarch64': 173}[__import__('os').uname().machine]
code = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0), (0x06, 0, 0, 0x7fff0000)]
text = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *one) for one in code))
class Program(ctypes.Structure): _fields_ = [('length', ctypes.c_ushort), ('code', ctypes.c_void_p)]
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Program(4, ctypes.addressof(text)))) == 0
libc.getppid()`;

const ENDS_BEFORE_ITS_CHILD = `
import ctypes, os, signal
here, there = os.pipe()
if os.fork() == 0:
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    os.write(there, b'x')
    signal.pause()
os.read(here, 1)`;

const BY_ITSELF: [signal: string, reason: string, code: string, command: string[]][] = [
  [
    'SIGPIPE',
    'writes where nobody reads any more',
    'SI_USER',
    ['sh', '-c', 'yes | head -n 1 >/dev/null'],
  ],
  [
    'SIGXFSZ',
    'its limit of the size of files',
    'SI_USER',
    ['sh', '-c', 'cd "$(mktemp -d)"; ulimit -f 1; head -c 10000 /dev/zero >file; rm -r "$PWD"'],
  ],
  [
    'SIGXCPU',
    'its limit of processor time',
    'SI_KERNEL',
    ['sh', '-c', 'ulimit -St 1; while :; do :; done'],
  ],
  ['SIGSYS', 'a system call that seccomp forbids it', 'code 1', ['python3', '-c', FORBID_GETPPID]],
  [
    'SIGSEGV',
    'a fault of its own',
    'code 1',
    ['python3', '-c', 'import ctypes; ctypes.string_at(0)'],
  ],
  [
    'SIGALRM',
    'its timer',
    'SI_KERNEL',
    ['python3', '-c', 'import signal; signal.setitimer(0, 0.001); signal.pause()'],
  ],
];

const JOB_CONTROL = ['--all', '--signal', 'SIGTSTP,SIGTTIN,SIGTTOU,SIGCONT,SIGHUP'];

async function onWatched(script: string): Promise<[Terminal, Watching]> {
  const watched = await watching(JOB_CONTROL);
  return [onTerminal(['sh', '-c', script]), watched];
}

if (!CAN_WATCH) {
  test('there is nothing to see without root: what is said then stands in watch.test.ts', () => {
    expect(CAN_WATCH).toBe(false);
  });
} else {
  describe('as root', () => {
    test.each(BY_ITSELF)('%s: %s', async (signal, reason, code, command) => {
      expect(await caused(signal, ...command)).toMatchObject({
        ...{ sender: null, reason, code, outcome: 'killed' },
      });
    });

    test('a program that sends SIGPIPE to itself is its sender', async () => {
      const one = await caused('SIGPIPE', 'sh', '-c', 'kill -PIPE $$');
      expect(one).toMatchObject({ reason: null, code: 'SI_USER', outcome: 'killed' });
      expect(one.sender?.pid).toBe(one.target.pid);
    });

    test('SIGKILL by the parent', async () => {
      const script = 'sleep 1000 & kill -KILL $!; wait $!; exit 0';
      const one = await caused('SIGKILL', 'sh', '-c', script);
      expect(one).toMatchObject({ code: 'SI_USER', outcome: 'killed' });
      expect(one.sender?.command).toBe(`sh -c ${script}`);
    });

    test('a signal for the death of the parent comes from that one', async () => {
      const { waitFor } = await watching(['--all', '--signal', 'SIGTERM']);
      const { pid } = start(['python3', '-c', ENDS_BEFORE_ITS_CHILD]);
      const one = await waitFor('it', ({ sender }) => sender?.pid === pid);
      expect(one).toMatchObject({ code: 'SI_USER', outcome: 'killed', reason: null });
    });

    test('Ctrl+Z, and what the shell does to go on', async () => {
      const [terminal, { seen, waitFor }] = await onWatched('set -m; cat; echo stopped; fg');
      // It shows that it reads: the terminal is its own by now.
      terminal.write('word\n');
      await terminal.waitFor(/word\r\nword/);
      terminal.write(CTRL_Z);
      const stop = await waitFor('the stop', ({ signal }) => signal === 'SIGTSTP');
      expect(stop).toMatchObject({
        ...{ sender: null, reason: 'a key on the terminal', outcome: 'default' },
        target: { command: 'cat' },
      });
      const isGoingOn = ({ signal, target }: Seen): boolean =>
        signal === 'SIGCONT' && target.pid === stop.target.pid;
      expect(await waitFor('what goes on', isGoingOn)).toMatchObject({
        ...{ sender: { pid: terminal.pid }, outcome: 'ignored' },
      });
      expect(seen.filter(({ target }) => target.pid === stop.target.pid)).toHaveLength(2);
    });

    test.each([
      ['SIGTTIN', 'reads the terminal from the background', 'cat'],
      ['SIGTTOU', 'writes to the terminal from the background', 'seq 1'],
    ])('%s: %s, and the end of the session', async (signal, reason, command) => {
      const script = `set -m; stty tostop; ${command} & read x <&2`;
      const [terminal, { waitFor }] = await onWatched(script);
      const isOf = (name: string) => (one: Seen) =>
        one.signal === name && one.target.command === command;
      const stop = await waitFor('the stop', isOf(signal));
      expect(stop).toMatchObject({ sender: null, reason, outcome: 'default' });
      kill(terminal.pid, 'SIGKILL');
      expect(await waitFor('the end', isOf('SIGHUP'))).toMatchObject({
        ...{ sender: null, reason: 'the terminal is gone, or its session has ended' },
        ...{ target: { pid: stop.target.pid }, outcome: 'killed' },
      });
    });
  });
}

if (CAN_WATCH && CAN_LIMIT_MEMORY) {
  test('too little memory: the kernel, and that this was why', async () => {
    const script = `echo $$ >${memoryGroup(40)}; exec python3 -c 'bytearray(1 << 30)'`;
    const { seen, exit } = await watching(['--signal', 'SIGKILL', '--exec', 'sh', '-c', script]);
    await exit;
    expect(seen).toMatchObject([
      { sender: null, reason: 'out of memory', code: 'SI_KERNEL', outcome: 'killed' },
    ]);
  });
}
