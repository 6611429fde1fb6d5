// What inits do when they are told more than a command: the second half of docs/run.md's comparison.
import { onTestEnd } from './cleanup';
import { commandOf, type InitScenario, isAlive, scenario } from './init-scenarios';
import { childrenOf, firstChild, hasPending, type InitName, INITS, isIdle, start } from './inits';
import { bits, statusMasks, until } from './kernel';
import { kill, killQuietly } from './kill';
import { toEnd } from './run';

const NOT_OFFERED = 'not offered';

export const OPTION_SCENARIOS: InitScenario[] = [
  scenario(
    'told that 143 counts as success, and the command dies by SIGTERM',
    ['0', '0', NOT_OFFERED],
    (name) =>
      withOption(
        name,
        { 'sigbridge run --init': ['--success', '143'], tini: ['-e', '143'] },
        (words) => {
          const ends = (line: string): string => String(toEnd([...words, 'sh', '-c', line]).status);
          // No other code does.
          return ends('exit 142') === '142' && ends('exit 143') === '0'
            ? ends('kill -TERM $$')
            : 'else';
        },
      ),
  ),
  scenario(
    'told to rewrite SIGTERM to SIGQUIT and SIGQUIT to SIGTERM, and to keep SIGHUP back',
    ['does so', NOT_OFFERED, 'does so'],
    (name) =>
      withOption(
        name,
        {
          'sigbridge run --init': [
            '--rewrite',
            'SIGTERM=SIGQUIT,SIGQUIT=SIGTERM',
            '--rewrite',
            'SIGHUP=none',
          ],
          'dumb-init': ['--rewrite', '15:3', '--rewrite', '3:15', '--rewrite', '1:0'],
        },
        rewritten,
      ),
  ),
  scenario(
    'told SIGTERM for when whoever has started it ends',
    ['the command gets it', 'the command gets it', NOT_OFFERED],
    (name) =>
      withOption(name, parentDeath('SIGTERM'), async (words) => {
        const { command } = await orphaned([...words, 'env', '--block-signal=TERM']);
        await until(() => hasPending(command, 'SIGTERM'), 'SIGTERM to arrive');
        return 'the command gets it';
      }),
  ),
  scenario(
    'told SIGKILL for when whoever has started it ends',
    ['the command ends', 'the command goes on', NOT_OFFERED],
    (name) =>
      withOption(name, parentDeath('SIGKILL'), async (words) => {
        const { init, command } = await orphaned(words);
        await until(() => !isAlive(init), 'the end of the init');
        await until(() => !isAlive(command) || isIdle(command), 'what becomes of the command');
        return isAlive(command) ? 'the command goes on' : 'the command ends';
      }),
  ),
  scenario(
    'told to say what it does, and gets a signal',
    ['names signal, sender and receiver', 'names the signal', 'names the signal'],
    (name) =>
      withOption(
        name,
        {
          'sigbridge run --init': ['--verbose'],
          tini: ['-vvv'],
          'dumb-init': ['--verbose'],
        },
        told,
      ),
  ),
];

type Options = Partial<Record<InitName, readonly string[]>>;

/** Where an init has no such option, its help does not know the thing either. */
async function withOption(
  name: InitName,
  options: Options,
  see: (words: readonly string[]) => Promise<string> | string,
): Promise<string> {
  const own = options[name];
  const [init, ...rest] = INITS[name];
  return own === undefined ? NOT_OFFERED : see([init, ...own, ...rest]);
}

const parentDeath = (signal: string): Options => ({
  'sigbridge run --init': ['--parent-death', signal],
  tini: ['-p', signal],
});

/** An init below a shell that has been killed, and its command. */
async function orphaned(words: readonly string[]): Promise<{ init: number; command: number }> {
  const { pid = 0 } = start(['sh', '-c', '"$@" & wait', '-', ...words, 'sleep', '1000']);
  await until(() => childrenOf(pid).length > 0, 'the init to start');
  const init = firstChild(pid);
  await until(() => childrenOf(init).length > 0, 'the command to be started');
  const command = firstChild(init);
  onTestEnd(() => {
    killQuietly(init);
    killQuietly(command);
  });
  await until(() => commandOf(command) === 'sleep', 'the command to start');
  kill(pid, 'SIGKILL');
  return { init, command };
}

/** What an init tells of a SIGUSR1 that its command sends to it. */
function told(words: readonly string[]): string {
  const line = 'sleep 1000 & trap "kill $!; exit" USR1; echo $$; kill -USR1 $PPID; wait';
  const { stdout, stderr } = toEnd([...words, 'sh', '-c', line]);
  const said = `${stdout}\n${stderr}`.split('\n');
  const pid = said.find((text) => /^\d+$/.test(text)) ?? '';
  const isIt = (text: string): boolean => /SIGUSR1|signal 10\b|User defined signal 1/.test(text);
  const pids = said.filter(isIt).map((text) => text.split(` ${pid}`).length - 1);
  if (pids.length === 0) return 'names nothing';
  // Sender and receiver are the same here.
  return Math.max(...pids) === 2 ? 'names signal, sender and receiver' : 'names the signal';
}

/** A command that blocks them is sent SIGHUP, SIGTERM and SIGQUIT by way of its init. */
async function rewritten(words: readonly string[]): Promise<string> {
  const all = ['env', '--block-signal', 'sleep', '1000'];
  const { pid: init = 0 } = start([...words, ...all]);
  await until(() => childrenOf(init).length > 0, 'the command to be started');
  const command = firstChild(init);
  onTestEnd(() => {
    killQuietly(command);
  });
  await until(() => commandOf(command) === 'sleep', 'the command to start');
  const pending: bigint[] = [];
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGQUIT'] as const) {
    kill(init, signal);
    await until(() => isIdle(init), 'the init to have dealt with it');
    pending.push(statusMasks(command).shared);
  }
  const wanted = [0n, bits('SIGQUIT'), bits('SIGQUIT', 'SIGTERM')];
  return pending.every((mask, at) => mask === wanted[at]) ? 'does so' : 'does not';
}
