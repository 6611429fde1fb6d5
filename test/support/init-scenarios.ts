import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { toName } from '../../lib/base/signal/names';
import { onTestEnd } from './cleanup';
import { fixturePath, flood, type Received } from './fixtures';
import {
  type InitName,
  INITS,
  AS_PID_1,
  childrenOf,
  firstChild,
  isIdle,
  stateOf,
  hasPending,
  underInit,
} from './inits';
import { bits, statusMasks, threads, until } from './kernel';
import { kill, killQuietly } from './kill';
import { CTRL_C, CTRL_Z, onTerminal, type Terminal } from './pty';
import { toEnd, quoted } from './run';

/** What an init does in one situation; `docs/run.md` has the same table. */
export interface InitScenario {
  what: string;
  /** What was seen, in words. */
  see: (name: InitName) => Promise<string> | string;
  expected: Record<InitName, string>;
}

export function scenario(
  what: string,
  [ours, tini, dumb]: readonly [string, string, string],
  see: InitScenario['see'],
): InitScenario {
  return { what, see, expected: { 'sigbridge run --init': ours, tini, 'dumb-init': dumb } };
}

export const same = (text: string) => [text, text, text] as const;

/** The end of a command line below an init. */
function endOf(name: InitName, line: string, asPid1 = false): string {
  const before = asPid1 ? AS_PID_1 : [];
  const { status, signal } = toEnd([...before, ...INITS[name], 'sh', '-c', line]);
  return String(signal ?? status);
}

/** The signals that arrive at a command which blocks them all, so that they stay to be seen. */
async function forwarded(name: InitName): Promise<number[]> {
  const { init, command } = await underInit(name, 'exec env --block-signal sleep 1000', {
    asPid1: true,
  });
  await until(() => (statusMasks(command).blocked & bits('SIGTERM')) !== 0n, 'sleep to start');
  const arrived = (signo: number): boolean => (statusMasks(command).shared & bits(signo)) !== 0n;
  const seen: number[] = [];
  for (const signo of SENDABLE) {
    kill(init, signo);
    await until(() => arrived(signo) || isIdle(init), `${toName(signo)} to be dealt with`);
    if (arrived(signo)) seen.push(signo);
    // One that stops the command keeps the next from being seen.
    if (stateOf(command) === 'T') kill(command, 'SIGCONT');
  }
  return seen;
}

const SENDABLE = Array.from({ length: 64 }, (_, at) => at + 1).filter(
  (signo) => ![9, 19, 32, 33].includes(signo),
);

/** `'all'`, or `'all but …'`. */
function inWords(seen: number[]): string {
  const missing = SENDABLE.filter((signo) => !seen.includes(signo));
  const realtime = missing.filter((signo) => signo >= 34);
  const names = missing.filter((signo) => signo < 34).map((signo) => toName(signo).slice(3));
  if (realtime.length === 31) names.push('real-time');
  else names.push(...realtime.map(toName));
  return names.length === 0 ? 'all' : `all but ${names.join(', ')}`;
}

const COUNT = 50;

export const INIT_SCENARIOS: InitScenario[] = [
  scenario('the command exits with 7', same('7'), (name) => endOf(name, 'exit 7')),
  scenario('the command exits with 7, as PID 1', same('7'), (name) => endOf(name, 'exit 7', true)),
  scenario('the command dies by SIGTERM', ['SIGTERM', '143', '143'], (name) =>
    endOf(name, 'kill -TERM $$'),
  ),
  scenario('the command dies by SIGTERM, as PID 1', same('143'), (name) =>
    endOf(name, 'kill -TERM $$', true),
  ),
  scenario('there is no such command', ['127', '127', '2'], (name) =>
    String(toEnd([...INITS[name], 'sigbridge-no-such']).status),
  ),
  scenario('the command cannot be run', ['126', '126', '2'], (name) =>
    String(toEnd([...INITS[name], '/etc/passwd']).status),
  ),
  scenario(
    'signals that reach the command',
    [
      'all',
      'all but ILL, TRAP, ABRT, BUS, FPE, SEGV, CHLD, TTIN, TTOU, SYS',
      'all but CHLD, TSTP, TTIN, TTOU',
    ],
    async (name) => inWords(await forwarded(name)),
  ),
  scenario(
    'values queued with real-time signals',
    ['kept, in order', 'lost', 'lost'],
    async (name) => {
      const line = `exec ${quoted(fixturePath('receiver'))} 40`;
      const { init, command, end, output } = await underInit(name, line, { asPid1: true });
      await until(() => output().includes('ready\nready\n'), 'the receiver');
      await flood(init, 40, COUNT);
      await until(() => isIdle(init) && isIdle(command), 'all to be taken');
      kill(init, 'SIGTERM');
      await end;
      const { received, last, inversions } = JSON.parse(
        output().replaceAll('ready\n', ''),
      ) as Received;
      const kept = received === COUNT && last === COUNT - 1 && inversions === 0;
      return kept ? 'kept, in order' : 'lost';
    },
  ),
  scenario(
    'SIGTERM, when the command is a shell that waits for another program',
    ['to the shell', 'to the shell', 'to both'],
    async (name) => toWhom(name),
  ),
  scenario('an orphan, as PID 1', same('reaped'), async (name) => orphan(name, true)),
  scenario(
    'an orphan, not as PID 1',
    ['reaped', 'left to others', 'left to others'],
    async (name) => orphan(name, false),
  ),
  scenario(
    'what the command leaves running, not as PID 1',
    ['goes on', 'goes on', 'gets SIGTERM'],
    (name) => {
      // It blocks SIGTERM, so that it stays to be seen.
      const line = 'sleep 1000 >&- 2>&- & echo $!';
      const words = ['env', '--block-signal=TERM', 'bash', '-c', line];
      const pid = Number(toEnd([...INITS[name], ...words]).stdout);
      onTestEnd(() => {
        killQuietly(pid);
      });
      return (statusMasks(pid).shared & bits('SIGTERM')) === 0n ? 'goes on' : 'gets SIGTERM';
    },
  ),
  scenario(
    'what is ignored and blocked when it is started',
    ['the same for the command', 'the same for the command', 'reset'],
    async (name) => {
      const launcher = ['env', '--ignore-signal=HUP', '--block-signal=USR1'];
      const { command } = await underInit(name, 'exec sleep 1000', { launcher });
      const { ignored, blocked } = statusMasks(command);
      const kept = ignored === bits('SIGHUP') && blocked === bits('SIGUSR1');
      return kept ? 'the same for the command' : 'reset';
    },
  ),
  scenario(
    'started with SIGCHLD ignored, and the command exits with 7',
    ['7', 'never ends', '7'],
    async (name) => {
      const launcher = ['env', '--ignore-signal=CHLD'];
      const { init, command, stdin, end } = await underInit(name, 'read line; exit 7', {
        launcher,
      });
      stdin.end('\n');
      await until(() => !isAlive(command), 'the end of the command');
      await until(() => !isAlive(init) || isIdle(init), 'what the init makes of it');
      if (!isAlive(init)) return end;
      kill(init, 'SIGKILL');
      return 'never ends';
    },
  ),
  scenario(
    'the command closes its output, and goes on',
    ['the reader sees the end', 'held open', 'held open'],
    async (name) => {
      const { init, command } = await underInit(name, 'exec sleep 1000 >&-');
      await until(() => commandOf(command) === 'sleep', 'sleep to start');
      await until(() => isIdle(init), 'the init to wait');
      return fs.existsSync(`/proc/${String(init)}/fd/1`) ? 'held open' : 'the reader sees the end';
    },
  ),
  scenario('Ctrl+C on its terminal', same('reaches the command'), async (name) => {
    const terminal = await onItsTerminal(
      name,
      'trap "echo got it" INT; echo ready; read line; read line',
    );
    terminal.write(CTRL_C);
    await terminal.waitFor(/got it/);
    return 'reaches the command';
  }),
  scenario(
    'Ctrl+Z on its terminal, as PID 1, where nobody can continue the command',
    ['it goes on', 'it stays stopped', 'it goes on'],
    async (name) => {
      const terminal = await onItsTerminal(name, 'echo ready; exec sleep 1000', AS_LEADER);
      const init = firstChild(terminal.pid);
      const command = firstChild(init);
      await until(() => commandOf(command) === 'sleep', 'sleep to start');
      terminal.write(CTRL_Z);
      await terminal.waitFor(/\^Z/);
      // Taken after what Ctrl+Z has set going, since its number is higher.
      kill(init, 'SIGPWR');
      const stuck = isStuck(init, command);
      await until(() => !isAlive(command) || stuck(), 'SIGPWR to arrive');
      return isAlive(command) ? 'it stays stopped' : 'it goes on';
    },
  ),
  scenario(
    'Ctrl+Z in a shell with job control',
    ['the shell has the terminal', 'the terminal is stuck', 'the shell has the terminal'],
    async (name) => {
      const { shell, init, command } = await asJob(name);
      shell.write(CTRL_Z);
      if (!(await stops(init, command))) return 'the terminal is stuck';
      await shell.waitFor(/Stopped/);
      return 'the shell has the terminal';
    },
  ),
  scenario(
    'SIGTSTP sent to it, as a job of a shell',
    ['both stop', 'the command stops', 'both stop'],
    async (name) => {
      const { init, command } = await asJob(name);
      kill(init, 'SIGTSTP');
      return (await stops(init, command)) ? 'both stop' : 'the command stops';
    },
  ),
  scenario(
    'standard input closed, in a shell with job control: after Ctrl+Z and fg',
    ['the command reads its terminal', 'does not start', 'the command has no terminal'],
    withoutInput,
  ),
  scenario('a shell as the command, on a terminal', same('has job control'), async (name) => {
    const words = [...INITS[name], 'bash', '--norc', '--noprofile', '-i'] as const;
    const terminal = onTerminal([...words], { env: { PS1: '> ' } });
    await terminal.waitFor(/> /);
    terminal.write("sh -c 'echo is ready; exec sleep 1000'\n");
    await terminal.waitFor(/is ready\r/);
    terminal.write(CTRL_Z);
    await terminal.waitFor(/Stopped/);
    return 'has job control';
  }),
  scenario(
    'its working directory, which the command has left',
    ['free', 'in use', 'free'],
    async (name) => {
      const folder = temporary();
      const { init } = await underInit(name, 'cd /; exec sleep 1000', {
        launcher: ['env', '-C', folder],
      });
      await until(() => isIdle(init), 'the init to wait');
      return fs.readlinkSync(`/proc/${String(init)}/cwd`) === folder ? 'in use' : 'free';
    },
  ),
  scenario(
    'a lock that it was started with, and that the command gives up',
    ['free', 'in use', 'in use'],
    async (name) => {
      const file = path.join(temporary(), 'lock');
      const launcher = ['sh', '-c', 'exec 9>"$0"; flock 9; exec "$@"', file];
      const line = 'exec 9>&-; echo given up; exec sleep 1000';
      const { init, output } = await underInit(name, line, { launcher });
      await until(() => output().includes('given up\n'), 'the command to give it up');
      await until(() => isIdle(init), 'the init to wait');
      return toEnd(['flock', '--nonblock', file, 'true']).status === 0 ? 'free' : 'in use';
    },
  ),
];

export function temporary(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-init-'));
  onTestEnd(() => {
    fs.rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Whether an init stops with its command, which has got a signal that stops it. */
async function stops(init: number, command: number): Promise<boolean> {
  await until(() => stateOf(command) === 'T' || stateOf(init) === 'T', 'the stop');
  // Taken after what that has set going, since its number is higher.
  kill(init, 'SIGPWR');
  const stuck = isStuck(init, command);
  await until(() => stateOf(init) === 'T' || stuck(), 'the init to have dealt with it');
  return stateOf(init) === 'T';
}

/** What comes of an init that has a terminal, but no standard input. */
async function withoutInput(name: InitName): Promise<string> {
  const shell = await bash();
  const line =
    'true </dev/tty && echo is ready || echo has none; read line </dev/tty; echo got $line';
  shell.write(`${INITS[name].map(quoted).join(' ')} sh -c '${line}' <&-\n`);
  const [seen] = await shell.waitFor(/is ready\r|has none\r|tcsetpgrp failed/);
  if (seen.startsWith('tcsetpgrp')) return 'does not start';
  if (seen.startsWith('has none')) return 'the command has no terminal';
  const init = firstChild(shell.pid);
  const command = firstChild(init);
  shell.write(CTRL_Z);
  await shell.waitFor(/Stopped/);
  shell.write('fg\n');
  await until(() => stateOf(init) === 'S' && stateOf(command) === 'S', 'both to go on');
  shell.write('it\n');
  await shell.waitFor(/got it/);
  return 'the command reads its terminal';
}

/** Both block SIGTERM, so that it stays to be seen. */
export async function toWhom(name: InitName, options: readonly string[] = []): Promise<string> {
  const line = `exec env --block-signal=TERM bash -c 'sleep 1000; :'`;
  const { init, command } = await underInit(name, line, { asPid1: true, options });
  await until(() => childrenOf(command).length > 0, 'the program below');
  const has = (pid: number): boolean => (statusMasks(pid).shared & bits('SIGTERM')) !== 0n;
  kill(init, 'SIGTERM');
  await until(() => isIdle(init), 'SIGTERM to be passed on');
  if (!has(command)) return 'to nobody';
  return has(firstChild(command)) ? 'to both' : 'to the shell';
}

export function isAlive(pid: number): boolean {
  return !['Z', 'X', 'gone'].includes(stateOf(pid));
}

/** Whose child becomes a process whose parent has ended, and whether it is waited for. */
async function orphan(name: InitName, asPid1: boolean): Promise<string> {
  const line = `sh -c 'sleep 1000 &'; echo gone; cat`;
  const { init, command, output, stdin, end } = await underInit(name, line, { asPid1 });
  await until(() => output().includes('gone\n'), 'the orphan');
  const adopted = childrenOf(init).filter((pid) => pid !== command);
  for (const pid of adopted) kill(pid, 'SIGKILL');
  await until(() => childrenOf(init).length === 1, 'the orphan to be waited for');
  stdin.end();
  await end;
  return adopted.length === 1 ? 'reaped' : 'left to others';
}

export function commandOf(pid: number): string {
  return threads(pid)[0]?.name ?? '';
}

/**
 * Whether the command is stopped, with a SIGPWR that it cannot take, while its init does nothing about
 * it: for so many turns, since the kernel tells the init of a stop a moment after it.
 */
function isStuck(init: number, command: number, turns = 100): () => boolean {
  let held = 0;
  return () => {
    const waits = stateOf(command) === 'T' && hasPending(command, 'SIGPWR') && isIdle(init);
    held = waits ? held + 1 : 0;
    return held > turns;
  };
}

/** Its session gives the terminal up, which else only root could take away from it. */
const WITHOUT_TERMINAL = `
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGHUP, signal.SIG_IGN)
fcntl.ioctl(0, termios.TIOCNOTTY)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])`;

/** PID 1 as the leader of its terminal's session, as in a container. */
const AS_LEADER = ['python3', '-c', WITHOUT_TERMINAL, ...AS_PID_1, 'setsid', '--ctty'];

/** An init on a terminal of its own, whose session it leads. */
async function onItsTerminal(
  name: InitName,
  line: string,
  before: readonly string[] = [],
): Promise<Terminal> {
  const words = [...before, ...INITS[name], 'sh', '-c', line];
  const terminal = onTerminal(words as [string, ...string[]]);
  await terminal.waitFor(/ready/);
  return terminal;
}

/** An interactive bash on a terminal of its own. */
export async function bash(): Promise<Terminal> {
  const shell = onTerminal(['bash', '--norc', '--noprofile', '-i'], { env: { PS1: '> ' } });
  await shell.waitFor(/> /);
  return shell;
}

/** An init as the foreground job of an interactive bash. */
export async function asJob(
  name: InitName,
  line = 'exec sleep 1000',
): Promise<{ shell: Terminal; init: number; command: number }> {
  const shell = await bash();
  shell.write(`${INITS[name].map(quoted).join(' ')} sh -c 'echo is ready; ${line}'\n`);
  await shell.waitFor(/is ready\r/);
  const init = firstChild(shell.pid);
  const command = firstChild(init);
  onTestEnd(() => {
    // Stopped, neither hears of the end of its terminal.
    killQuietly(init);
    killQuietly(command);
  });
  return { shell, init, command };
}
