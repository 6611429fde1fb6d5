import { constants } from 'node:os';
import { systemError } from '../../base/errors/system.js';
import { addon } from '../../base/native/addon.js';
import { toName, toNumber, type SignalName } from '../../base/signal/names.js';
import type { Cause, Finding, Importance } from './Cause.js';
import type { Relative } from './facts/ancestors.js';
import type { Below, Effect, Facts, Fall, Route } from './facts/Facts.js';
import { requireOwnProc } from './facts/ownProc.js';
import { readFacts } from './facts/readFacts.js';
import { RULES } from './rules/index.js';
import { kernelThread } from './rules/kernelThread.js';
import { noSuchProcess } from './rules/noSuchProcess.js';
import { concerned, effectOf, routeTo } from './outcome.js';
import { upheldBy } from './upheld.js';
import { effectInWords, verdictOf } from './verdict.js';

/** `true`: it will act, `false`: it will not, `null`: that cannot be told from outside. */
export type Answer = boolean | null;

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
  /** Whether the signal will act: ends, stops or continues it, or reaches its handler; `null` if none can tell. */
  acts: Answer;
  /** What becomes of the process; `'runs'`: its handler does, and what happens is up to that. */
  effect: Effect;
  /** Why, in a clause. */
  because: string;
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
  return new Inquiry(number, options.by).ask(pid);
}

interface Found {
  diagnosis: Diagnosis;
  /** `null` of a process that is gone. */
  facts: Facts | null;
}

const { SIGHUP } = constants.signals;

/** Asks about several processes and one signal; what becomes of one may decide what becomes of another. */
export class Inquiry {
  readonly #signal: number;
  readonly #by: Route | undefined;
  #other: Inquiry | null = null;
  readonly #asked = new Map<number, Promise<Found>>();
  readonly #whole = new Map<number, Promise<Diagnosis>>();

  constructor(signal: number, by: Route | undefined) {
    this.#signal = signal;
    this.#by = by;
  }

  /** Looks at each process once. @throws as {@link diagnose} */
  ask(pid: number): Promise<Diagnosis> {
    const asked = this.#whole.get(pid) ?? this.#complete(pid);
    this.#whole.set(pid, asked);
    return asked;
  }

  /** What the signal does by itself, without what falls with others: those are asked so, too. */
  #own(pid: number): Promise<Found> {
    const asked = this.#asked.get(pid) ?? this.#look(pid);
    this.#asked.set(pid, asked);
    return asked;
  }

  async #complete(pid: number): Promise<Diagnosis> {
    const { diagnosis, facts } = await this.#own(pid);
    if (facts?.route !== 'key' || diagnosis.acts === true) return diagnosis;
    const fall = await this.#fallOf(facts);
    if (fall === null || (diagnosis.acts === null && !fall.sure)) return diagnosis;
    return judge({ ...facts, fall });
  }

  async #fallOf(facts: Facts): Promise<Fall | null> {
    const { signal, pid } = facts;
    const falls = await Promise.all(
      upheldBy(facts).map(async ({ with: one, way }) => {
        const { effect: its } = (await this.#own(one.pid)).diagnosis;
        const sure = its === 'ends';
        if (!sure && its !== 'runs' && its !== 'unknown') return null;
        const hangUp = new Inquiry(SIGHUP, 'kill');
        const effect = way !== 'terminal' ? 'ends' : (await hangUp.#own(pid)).diagnosis.effect;
        return effect === 'nothing' || signal.number === SIGHUP
          ? null
          : { with: one, way, sure, effect };
      }),
    );
    const found = falls.flatMap((one) => one ?? []);
    return found.find(({ sure }) => sure) ?? found[0] ?? null;
  }

  /** The same signal, on a certain way. */
  #on(by: Route): Inquiry {
    if (this.#by === by) return this;
    this.#other ??= new Inquiry(this.#signal, by);
    return this.#other;
  }

  async #look(pid: number): Promise<Found> {
    try {
      const facts = await readFacts(pid, this.#signal, this.#by);
      const below = await Promise.all(
        concerned(facts).map((child) => this.#below(child, routeTo(child, facts))),
      );
      const whole = { ...facts, below: below.flatMap((one) => one ?? []) };
      return { diagnosis: judge(whole), facts: whole };
    } catch (error) {
      if (!isGone(error)) throw error;
      const errno = addon.send(pid, 0);
      if (errno === constants.errno.ESRCH) {
        return { diagnosis: missing(pid, this.#signal, this.#by), facts: null };
      }
      // It is there, but /proc hides it: proc(5), hidepid.
      throw systemError(constants.errno.EACCES, 'open', { pid, cause: error });
    }
  }

  async #below(child: Relative, by: Route): Promise<Below | null> {
    try {
      const { diagnosis } = await this.#on(by).#own(child.pid);
      const { effect, because, causes } = diagnosis;
      const ended = causes.some(({ rule }) => rule === 'no-such-process' || rule === 'zombie');
      const warning = causes.find(({ importance }) => importance === 'warning')?.title ?? null;
      return ended ? null : { child, effect, because, warning };
    } catch {
      return { child, effect: 'unknown', because: 'it is hidden from this user', warning: null };
    }
  }
}

function judge(facts: Facts): Diagnosis {
  // The kernel's own threads are no programs, to which the other rules would apply.
  const rules = facts.kernelThread ? { 'kernel-thread': kernelThread } : RULES;
  const causes = Object.entries(rules)
    .flatMap(([rule, find]) => complete(rule, find(facts)))
    .map((cause) => (facts.fall === null || cause.rule === 'hang-up' ? cause : asNote(cause)))
    .sort((a, b) => WEIGHT[a.importance] - WEIGHT[b.importance]);
  const { pid, program, signal, route, disposition } = facts;
  return {
    pid,
    command: program.command,
    signal: signal.name,
    number: signal.number,
    by: route,
    disposition,
    acts: answerOf(causes),
    effect: effectOf(facts, answerOf(causes)),
    because: causes.find(decides)?.title ?? effectInWords(facts),
    verdict: verdictOf(facts, causes),
    causes,
  };
}

const WEIGHT: Record<Importance, number> = { prevents: 0, unknown: 1, warning: 2, note: 3 };

function answerOf(causes: readonly Cause[]): Answer {
  const has = (wanted: Importance): boolean =>
    causes.some(({ importance }) => importance === wanted);
  if (has('prevents')) return false;
  return has('unknown') ? null : true;
}

// What keeps the signal from it does not keep that from it.
function asNote(cause: Cause): Cause {
  return { ...cause, importance: 'note' };
}

function decides({ importance }: Cause): boolean {
  return importance === 'prevents' || importance === 'unknown';
}

function complete(rule: string, finding: Finding | null): Cause[] {
  if (finding === null) return [];
  const { importance, title, evidence, conclusions = [], remedy, culprit } = finding;
  const named = culprit && { pid: culprit.pid, command: culprit.command };
  return [{ rule, importance, title, evidence, conclusions, remedy, culprit: named ?? null }];
}

function missing(pid: number, number: number, by: Route = 'kill'): Diagnosis {
  const finding = noSuchProcess(pid);
  const signal = toName(number);
  return {
    ...{ pid, command: null, signal, number, by, disposition: null, acts: false },
    ...{ effect: 'nothing', because: finding.title },
    verdict: `${signal} will not act: ${finding.title}.`,
    causes: complete('no-such-process', finding),
  };
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ESRCH' || code === 'ERR_NO_SUCH_PROCESS';
}
