import { constants } from 'node:os';
import { requireMs, requirePositiveMs } from '../base/errors/numbers.js';
import { readOptions } from '../base/errors/options.js';
import { invalidArg } from '../base/errors/SignalError.js';
import { listenable } from '../core/receive/on.js';
import { toName, type SignalName } from '../base/signal/names.js';
import { defaultAction } from '../base/signal/traits.js';
import type { Stage, StageOptions, StageTask } from './stage.js';

/** What asks for a shutdown, how long it may take, and how it ends. */
export interface ShutdownOptions {
  /** What asks the program to end; SIGTERM, SIGINT and SIGHUP by default (Windows: SIGBREAK too). An empty list: none. */
  signals?: SignalName | number | readonly (SignalName | number)[];
  /** End, in order, at an exception that nobody caught; `true` by default. */
  uncaughtException?: boolean;
  /** End, in order, at a rejection that nobody handled; `true` by default. */
  unhandledRejection?: boolean;
  /** How long all of it may take, in ms, `preStopMs` included; 10,000 by default. */
  totalMs?: number;
  /**
   * How long to wait, not ready any more and still serving, before the first stage begins: until load
   * balancers have noticed. 0 by default.
   */
  preStopMs?: number;
  /** Exit with this code, and not by the signal that asked for it. */
  exitCode?: number;
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
  uncaughtException: boolean;
  unhandledRejection: boolean;
  totalMs: number;
  preStopMs: number;
  exitCode: number | undefined;
  exit: boolean;
  progress: 'auto' | 'lines' | 'json' | 'none';
}

const OPTIONS = {
  signals: 'signals',
  uncaughtException: 'boolean',
  unhandledRejection: 'boolean',
  totalMs: 'number',
  preStopMs: 'number',
  exitCode: 'number',
  exit: 'boolean',
  progress: ['auto', 'lines', 'json', 'none'],
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
    uncaughtException: given.uncaughtException ?? true,
    unhandledRejection: given.unhandledRejection ?? true,
    totalMs,
    preStopMs,
    exitCode: exitCodeOf(given.exitCode),
    exit: given.exit ?? true,
    progress: given.progress ?? 'auto',
  };
}

function signalsOf(
  signals: SignalName | number | readonly (SignalName | number)[],
  exitCode: number | undefined,
): number[] {
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

function exitCodeOf(code: number | undefined): number | undefined {
  if (code === undefined || (Number.isInteger(code) && code >= 0 && code <= 255)) return code;
  throw invalidArg('options.exitCode', code, 'an integer from 0 to 255');
}

/** @internal @throws ERR_INVALID_ARG */
export function readStage(name: unknown, task: unknown, options: unknown): Stage {
  if (typeof name !== 'string' || name === '') {
    throw invalidArg('name', name, 'a string that is not empty');
  }
  if (typeof task !== 'function') throw invalidArg('task', task, 'a function');
  const kinds = { timeoutMs: 'number', after: 'signals', before: 'signals' } as const;
  const given = readOptions(options, kinds) as StageOptions;
  return {
    name,
    task: task as StageTask,
    timeoutMs:
      given.timeoutMs === undefined || given.timeoutMs === Infinity
        ? Infinity
        : requireMs('options.timeoutMs', given.timeoutMs),
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
