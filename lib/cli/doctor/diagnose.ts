import { constants } from 'node:os';
import { systemError } from '../../base/errors/system.js';
import { addon } from '../../base/native/addon.js';
import { toName, toNumber, type SignalName } from '../../base/signal/names.js';
import type { Cause, Finding, Importance } from './Cause.js';
import { readFacts, type Facts, type Route } from './facts/Facts.js';
import { requireOwnProc } from './facts/ownProc.js';
import { RULES } from './rules/index.js';
import { noSuchProcess } from './rules/noSuchProcess.js';
import { verdictOf } from './verdict.js';

/** What will happen to a signal, and why. */
export interface Diagnosis {
  pid: number;
  /** The command line; `null` where there is no such process. */
  command: string | null;
  signal: string;
  number: number;
  /** How the signal is taken to come: typed on the terminal, or sent by kill(2). */
  by: Route;
  disposition: 'default' | 'ignored' | 'caught' | null;
  /** Whether the signal will act. */
  acts: boolean;
  verdict: string;
  /** The most important first. */
  causes: Cause[];
}

export interface DiagnoseOptions {
  /** Default `'SIGINT'`. */
  signal?: SignalName | number;
  /** Default: the key, where the signal has one (SIGINT, SIGQUIT, SIGTSTP) and the process a terminal. */
  by?: Route;
}

/**
 * Why a signal does nothing to a process, of whatever runtime; changes nothing and asks nothing of it.
 * Where a thread may be stuck, that thread is watched for a while: {@link WATCH_MS}. Where one runs that
 * blocks the signal, it is given as long to come to rest.
 *
 * May be called from any thread. Linux only.
 * @throws ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_INVALID_ARG, ERR_PERMISSION (hidden from this
 *   user), ERR_UNSUPPORTED (no /proc, or that of another pid namespace)
 */
export async function diagnose(pid: number, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const number = toNumber(options.signal ?? 'SIGINT');
  requireOwnProc();
  try {
    return judge(await readFacts(pid, number, options.by));
  } catch (error) {
    if (!isGone(error)) throw error;
    const errno = addon.send(pid, 0);
    if (errno === constants.errno.ESRCH) return missing(pid, number, options.by);
    // It is there, but /proc hides it: proc(5), hidepid.
    throw systemError(constants.errno.EACCES, 'open', { pid, cause: error });
  }
}

function judge(facts: Facts): Diagnosis {
  const causes = Object.entries(RULES)
    .flatMap(([rule, find]) => complete(rule, find(facts)))
    .sort((a, b) => WEIGHT[a.importance] - WEIGHT[b.importance]);
  const { pid, program, signal, route, disposition } = facts;
  return {
    pid,
    command: program.command,
    signal: signal.name,
    number: signal.number,
    by: route,
    disposition,
    acts: causes.every(({ importance }) => importance !== 'prevents'),
    verdict: verdictOf(facts, causes),
    causes,
  };
}

const WEIGHT: Record<Importance, number> = { prevents: 0, warning: 1, note: 2 };

function complete(rule: string, finding: Finding | null): Cause[] {
  if (finding === null) return [];
  const { importance, title, evidence, remedy, culprit } = finding;
  const named = culprit && { pid: culprit.pid, command: culprit.command };
  return [{ rule, importance, title, evidence, remedy, culprit: named ?? null }];
}

function missing(pid: number, number: number, by: Route = 'kill'): Diagnosis {
  const finding = noSuchProcess(pid);
  const signal = toName(number);
  return {
    ...{ pid, command: null, signal, number, by, disposition: null, acts: false },
    verdict: `${signal} will not act: ${finding.title}.`,
    causes: complete('no-such-process', finding),
  };
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH' || code === 'ERR_NO_SUCH_PROCESS';
}
