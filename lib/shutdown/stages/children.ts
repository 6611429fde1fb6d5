import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { invalidArg } from '../../base/errors/SignalError.js';
import type { SignalEvent } from '../../core/events/SignalEvent.js';
import { toNumber } from '../../base/signal/names.js';
import type { StageContext, StageTask } from '../stage.js';
import { ProcessTree, sendTo } from './processTree.js';

const SIGKILL = toNumber('SIGKILL');

/** How often processes that are not ours to wait for are looked at. */
const LOOK_MS = 20;

type Children = ChildProcess | Iterable<ChildProcess>;

/**
 * A stage that passes the signal on to child processes (SIGTERM where none asked), waits until they
 * have ended, and kills those that have not when its time is over. What a child leaves behind (a
 * program that a shell has started, a child of its own) gets the signal too when the child has ended,
 * is waited for, and killed. A Ctrl+C that the terminal has given to the children as well is not
 * passed on: they would take it for a second one. For the thread of the shutdown, which is the main
 * thread.
 * @param children one, several, or a function that gives them when the stage begins
 * @throws ERR_INVALID_ARG
 */
export function childProcesses(children: Children | (() => Children)): StageTask {
  if (typeof children !== 'function') listOf(children);
  return async (context) => {
    await endAll(listOf(typeof children === 'function' ? children() : children), context);
  };
}

/**
 * A stage for a cluster's primary: {@link childProcesses} of its workers, those forked meanwhile too.
 * For the main thread of the primary. Errors as {@link childProcesses}.
 */
export function clusterWorkers(): StageTask {
  return async (context) => {
    for (;;) {
      const workers = Object.values(cluster.workers ?? {}).map((worker) => worker?.process);
      const living = workers.filter((child) => child !== undefined).filter(lives);
      if (living.length === 0) return;
      await endAll(living, context);
    }
  };
}

function listOf(children: Children): ChildProcess[] {
  const list = isIterable(children) ? [...children] : [children];
  for (const child of list) {
    if (typeof (child as Partial<ChildProcess> | undefined)?.kill === 'function') continue;
    throw invalidArg('children', child, 'a ChildProcess');
  }
  return list;
}

function isIterable(children: Children): children is Iterable<ChildProcess> {
  return (
    typeof (children as Partial<Iterable<ChildProcess>> | null)?.[Symbol.iterator] === 'function'
  );
}

async function endAll(children: readonly ChildProcess[], context: StageContext): Promise<void> {
  await Promise.all(children.filter(lives).map((child) => end(child, context)));
}

async function end(child: ChildProcess, { signal, event }: StageContext): Promise<void> {
  const { pid = 0 } = child;
  const number = event?.number ?? toNumber('SIGTERM');
  const tree = new ProcessTree(pid);
  const kill = (): void => {
    child.kill('SIGKILL');
    tree.look();
    tree.signal(SIGKILL);
  };
  const ended = once(child, 'exit');
  const looking = setInterval(() => {
    tree.look();
  }, LOOK_MS);
  if (event === null || !hasItFromTerminal(pid, event)) sendTo(pid, number);
  if (signal.aborted) kill();
  else signal.addEventListener('abort', kill, { once: true });
  await ended;
  clearInterval(looking);
  tree.forgetRoot();
  // What it has left behind, as a shell does, hears of it only now: many programs end theirs themselves.
  for (const left of tree.living()) {
    if (event === null || !hasItFromTerminal(left, event)) sendTo(left, number);
  }
  while (tree.living().length > 0) {
    if (signal.aborted) kill();
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
}

function lives({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

// The terminal's keys reach the whole foreground process group (termios(3), "ISIG").
function hasItFromTerminal(pid: number, { signal, code }: SignalEvent): boolean {
  // All that there is comes from the console, to all in it; and to send there is to kill.
  if (process.platform === 'win32') return true;
  if (code !== 'SI_KERNEL' || (signal !== 'SIGINT' && signal !== 'SIGQUIT')) return false;
  return groupOf(pid) === groupOf('self');
}

// The fifth field of proc_pid_stat(5), behind a command that may hold anything. Where there is no
// /proc, all are taken for one group: child processes are, unless they were detached.
function groupOf(pid: number | 'self'): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2];
  } catch {
    return undefined;
  }
}
