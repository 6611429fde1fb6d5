import { constants } from 'node:os';
import { requireMs, requirePositiveMs } from '../base/errors/numbers.js';
import { readOptions } from '../base/errors/options.js';
import { invalidArg } from '../base/errors/SignalError.js';
import { listenable } from '../core/receive/on.js';
import { toName, toNumber, toNumbers, type SignalName } from '../base/signal/names.js';
import { defaultAction } from '../base/signal/traits.js';
import { isExitCode, type ExitCode } from './exitCode.js';
import type { ShutdownReport, Stage, StageOptions, StageTask } from './stage.js';

/** What asks for a shutdown, how long it may take, and how it ends. */
export interface ShutdownOptions {
  /**
   * What asks the program to end; SIGTERM, SIGINT and SIGHUP by default (Windows: SIGBREAK too).
   * An empty list: none. By default, SIGHUP is left to a signal manager of this thread while it handles it; named here, it ends
   * the program all the same.
   */
  signals?: SignalName | number | readonly (SignalName | number)[];
  /** End, in order, at an exception that nobody caught; `true` by default. */
  uncaughtException?: boolean;
  /** End, in order, at a rejection that nobody handled; `true` by default. */
  unhandledRejection?: boolean;
  /** How long all of it may take, in ms, `preStopMs` included; 10,000 by default. */
  totalMs?: number;
  /**
   * How long to wait, in ms, not ready any more and still serving, before the first stage begins:
   * until load balancers have noticed. 0 by default. Only where one of `preStopSignals` has asked.
   */
  preStopMs?: number;
  /** The signals after which `preStopMs` counts; SIGTERM by default. Nobody else waits for it. */
  preStopSignals?: SignalName | number | readonly (SignalName | number)[];
  /**
   * Exit with this code, and not by the signal that asked for it. A number counts where a signal or a
   * call has asked; a function of the report also where the program has crashed, and `undefined` from
   * it means: as without it. A crash never ends with 0.
   */
  exitCode?: number | ((report: ShutdownReport) => number | undefined);
  /** `false`: the process goes on when all is done; for tests, and for programs that end themselves. */
  exit?: boolean;
  /**
   * `'lines'` (the default where standard error is a terminal): a line for each stage; `'json'` (the
   * default elsewhere): the same as lines of JSON; `'none'`. The events are emitted in any case.
   */
  progress?: 'auto' | 'lines' | 'json' | 'none';
}

/** @internal */
export interface CheckedOptions {
  signals: readonly number[];
  /** Those of them that are left to whoever handles them. */
  yields: readonly number[];
  uncaughtException: boolean;
  unhandledRejection: boolean;
  totalMs: number;
  preStopMs: number;
  preStopSignals: readonly number[];
  exitCode: ExitCode;
  exit: boolean;
  progress: 'auto' | 'lines' | 'json' | 'none';
}

const OPTIONS = {
  signals: 'signals',
  uncaughtException: 'boolean',
  unhandledRejection: 'boolean',
  totalMs: 'number',
  preStopMs: 'number',
  preStopSignals: 'signals',
  exitCode: 'signals',
  exit: 'boolean',
  progress: ['auto', 'lines', 'json', 'none'],
} as const;

const STAGE_OPTIONS = {
  timeoutMs: 'number',
  reserveMs: 'number',
  after: 'signals',
  before: 'signals',
} as const;

// Only Windows has the last: Ctrl+Break.
const SIGNALS: readonly SignalName[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK'].filter(
  (name) => name in constants.signals,
);

/** @internal @throws as `on`, and ERR_INVALID_ARG */
export function readShutdownOptions(options: unknown): CheckedOptions {
  const given = readOptions(options, OPTIONS) as ShutdownOptions;
  const totalMs = requirePositiveMs('options.totalMs', given.totalMs ?? 10_000);
  const preStopMs = requireMs('options.preStopMs', given.preStopMs ?? 0);
  if (preStopMs >= totalMs) {
    throw invalidArg('options.preStopMs', preStopMs, `less than options.totalMs (${totalMs})`);
  }
  return {
    signals: signalsOf(given.signals ?? SIGNALS, given.exitCode),
    yields: given.signals === undefined ? [toNumber('SIGHUP')] : [],
    uncaughtException: given.uncaughtException ?? true,
    unhandledRejection: given.unhandledRejection ?? true,
    totalMs,
    preStopMs,
    preStopSignals: toNumbers(given.preStopSignals ?? 'SIGTERM'),
    exitCode: exitCodeOf(given.exitCode),
    exit: given.exit ?? true,
    progress: given.progress ?? 'auto',
  };
}

function signalsOf(
  signals: SignalName | number | readonly (SignalName | number)[],
  exitCode: ExitCode,
): readonly number[] {
  if (Array.isArray(signals) && signals.length === 0) return [];
  const numbers = listenable(signals);
  for (const number of numbers) {
    const action = defaultAction(number);
    if (action === 'terminate' || action === 'core' || exitCode !== undefined) continue;
    const expected = `signals that end a process, or an options.exitCode (the default action of ${toName(number)} is: ${action})`;
    throw invalidArg('options.signals', signals, expected);
  }
  return numbers;
}

function exitCodeOf(code: unknown): ExitCode {
  if (code === undefined || isExitCode(code)) return code;
  if (typeof code === 'function') return code as (report: ShutdownReport) => number | undefined;
  const expected = 'an integer from 0 to 255, or a function of the report that gives one';
  throw invalidArg('options.exitCode', code, expected);
}

/** The part of all the time that is kept for a stage where nobody has said how much. */
const RESERVE = 0.1;

/** @internal @throws ERR_INVALID_ARG */
export function readStage(name: unknown, task: unknown, options: unknown, totalMs: number): Stage {
  if (typeof name !== 'string' || name === '') {
    throw invalidArg('name', name, 'a string that is not empty');
  }
  if (typeof task !== 'function') throw invalidArg('task', task, 'a function');
  const given = readOptions(options, STAGE_OPTIONS) as StageOptions;
  const timeoutMs =
    given.timeoutMs === undefined || given.timeoutMs === Infinity
      ? Infinity
      : requireMs('options.timeoutMs', given.timeoutMs);
  const reserveMs = requirePositiveMs(
    'options.reserveMs',
    given.reserveMs ?? Math.max(1, totalMs * RESERVE),
  );
  if (given.reserveMs !== undefined && reserveMs >= totalMs) {
    throw invalidArg('options.reserveMs', reserveMs, `less than totalMs (${totalMs})`);
  }
  return {
    name,
    task: task as StageTask,
    timeoutMs,
    reserveMs: Math.min(reserveMs, timeoutMs),
    after: namesOf('options.after', given.after ?? []),
    before: namesOf('options.before', given.before ?? []),
  };
}

function namesOf(option: string, given: unknown): string[] {
  const names: unknown[] = Array.isArray(given) ? given : [given];
  for (const name of names) {
    if (typeof name !== 'string')
      throw invalidArg(option, given, 'the name of a stage, or several');
  }
  return names as string[];
}
