import { readOptions } from '../base/errors/options.js';
import { invalidArg, SignalError, unsupported } from '../base/errors/SignalError.js';
import type { Exit } from '../core/children/deaths.js';
import { launcherOf, type Dispositions } from './launch.js';
import { exitInside, firstChild, namespaceOf } from './namespace.js';
import { startOnPipes, type Connection, type Place } from './pipes.js';
import { followDeaths, trueExit } from '../core/children/deaths.js';
import { commandLineOf, isEnded, letterOf } from './target.js';
import { startOnTerminal, type TerminalConnection, type TerminalSize } from './terminal.js';
import { TerminalProcess, TestProcess, type Written } from './TestProcess.js';
import { Transcript } from './Transcript.js';
import { patience, until } from './until.js';

export interface SpawnOptions extends Dispositions {
  /** On a pseudo-terminal, as the leader of its session; needs the package node-pty. */
  pty?: boolean | TerminalSize;
  /** As process 1 of a pid namespace of its own, which ends with it; needs unshare(1). */
  pidNamespace?: boolean;
  /** The folder that it starts in; this process's unless given. */
  cwd?: string;
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv;
  /** How long its start may take, and each of its `waitFor`, in ms; 4,000 by default. */
  timeoutMs?: number;
}

/** All that were started here and have not ended. */
const living = new Set<TestProcess>();

/**
 * Starts a program that finds its signals as asked for, and gives it when it runs: by then it is the
 * command itself that has the pid. What is neither asked for nor at its default here is inherited,
 * except that `node:child_process` puts the signals 1 to 31 and the mask to their defaults. May be
 * called from any thread.
 * Sources: execve(2), unshare(1), pts(4).
 * @param command a program, with its arguments where it is a list; no shell
 * @throws ERR_INVALID_ARG (also for a program that is not there), ERR_UNKNOWN_SIGNAL,
 *   ERR_RESERVED_SIGNAL, ERR_UNCATCHABLE, ERR_UNSUPPORTED (a tool or package is missing),
 *   ERR_PERMISSION (no right to make a namespace)
 */
export function spawnWith(
  command: string | readonly string[],
  options: SpawnOptions & { pty: true | TerminalSize },
): Promise<TerminalProcess>;
export function spawnWith(
  command: string | readonly string[],
  options?: SpawnOptions,
): Promise<TestProcess>;
export async function spawnWith(
  command: string | readonly string[],
  options?: SpawnOptions,
): Promise<TestProcess> {
  const plan = planOf(command, options);
  const all = new Transcript(plan.timeoutMs);
  const written = { all, stderr: '' };
  const forget = followDeaths();
  const connection = await connect(plan, written).catch((error: unknown) => {
    forget();
    throw error;
  });
  const outside = connection.exit
    .then((known) => trueExit(connection.pid, known))
    .finally(() => {
      all.close();
      forget();
    });
  const pid = await untilRuns(connection.pid, plan);
  if (isEnded(letterOf(pid))) requireStarted(plan, await outside, all.text);
  const exit =
    plan.namespace.length === 0 ? outside : outside.then((known) => exitInside(known, all.text));
  const child =
    'resize' in connection
      ? new TerminalProcess(pid, connection, exit, written)
      : new TestProcess(pid, connection, exit, written);
  living.add(child);
  void exit.then(() => living.delete(child));
  return child;
}

/**
 * Kills all that `spawnWith` has started and that still live, and waits for their end: for an
 * `afterEach`. For the thread that has started them. No errors.
 * Sources: kill(2), wait(2).
 */
export async function killSpawned(): Promise<void> {
  await Promise.all([...living].map((each) => each[Symbol.asyncDispose]()));
}

interface Plan {
  words: readonly string[];
  /** What stands before the command: the namespace's first, then the launcher's. */
  namespace: readonly string[];
  launcher: readonly string[];
  pty: boolean | TerminalSize;
  place: Place;
  timeoutMs: number;
}

const OPTIONS = {
  ignored: 'signals',
  blocked: 'signals',
  defaults: 'signals',
  keep: 'boolean',
  // Both are checked by whoever uses them.
  pty: 'signals',
  env: 'signals',
  pidNamespace: 'boolean',
  cwd: 'string',
  timeoutMs: 'number',
} as const;

function planOf(command: unknown, options: unknown): Plan {
  const words: unknown[] = Array.isArray(command) ? command : [command];
  if (words.length === 0 || !words.every((word) => typeof word === 'string')) {
    throw invalidArg('command', command, 'a program, or a list of it and its arguments');
  }
  const given = readOptions(options, OPTIONS) as SpawnOptions;
  const { pty = false, pidNamespace = false, cwd, env, timeoutMs } = given;
  return {
    words,
    namespace: namespaceOf(pidNamespace),
    // A pseudo-terminal starts any program, and tells on itself alone that there is none.
    launcher: launcherOf(given, pty !== false),
    pty,
    place: { cwd, env: { ...process.env, ...env } },
    timeoutMs: patience(timeoutMs),
  };
}

async function connect(
  { words, namespace, launcher, pty, place }: Plan,
  written: Written,
): Promise<Connection | TerminalConnection> {
  const all = [...namespace, ...launcher, ...words];
  const stdout = (text: string): void => {
    written.all.add(text);
  };
  const stderr = (text: string): void => {
    written.stderr += text;
    written.all.add(text);
  };
  if (pty !== false) return startOnTerminal(all, pty, place, { stdout, stderr });
  try {
    return await startOnPipes(all, place, { stdout, stderr });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ACCESS_DENIED') {
      const why = `node --permission starts no program (${words.join(' ')})`;
      throw new SignalError('ERR_PERMISSION', `${why}; add --allow-child-process`);
    }
    if (all.length > words.length) throw unsupported('Such a start', message, error);
    throw invalidArg('command', words, `a program that can be run (${message})`);
  }
}

/** The pid of the command, once it is the command that has it. */
async function untilRuns(
  first: number,
  { words, namespace, launcher, timeoutMs }: Plan,
): Promise<number> {
  let pid = namespace.length === 0 ? first : null;
  // What a pid shows before: this process after a fork, and what stands before the command.
  const others = new Set([
    commandLineOf(process.pid),
    ...[
      [...namespace, ...launcher, ...words],
      ...(launcher.length > 0 ? [[...launcher, ...words]] : []),
    ]
      .filter((line) => line.length > words.length)
      .map((line) => `${line.join('\0')}\0`),
  ]);
  await until(
    () => {
      if (isEnded(letterOf(first))) return true;
      pid ??= firstChild(first);
      if (pid === null) return false;
      const line = commandLineOf(pid);
      return (line !== '' && !others.has(line)) || isEnded(letterOf(pid));
    },
    () => `${words.join(' ')} to run`,
    { timeoutMs },
  );
  return pid ?? first;
}

// It has ended before it was seen to run: maybe what stands before it could not start it.
function requireStarted({ words }: Plan, { code }: Exit, output: string): void {
  const said = /^(?:unshare|sigbridge): .*/m.exec(output)?.[0].trim();
  if (said === undefined || code === 0) return;
  if (/unshare failed|not permitted/.test(said)) {
    throw new SignalError('ERR_PERMISSION', `This user may not make a pid namespace: ${said}`);
  }
  throw invalidArg('command', words, `a program that can be run (${said})`);
}
