import { existsSync } from 'node:fs';
import { invalidArg, uncatchable, unsupported } from '../base/errors/SignalError.js';
import { besideAddon, launcherOptions } from '../base/native/load.js';
import { toName, toNumbersOrNone, type SignalName } from '../base/signal/names.js';

type Signals = SignalName | number | readonly (SignalName | number)[];

/** How a process is to stand to signals when its first instruction runs. */
export interface Dispositions {
  /** Set to `SIG_IGN`. */
  ignored?: Signals;
  /** Blocked, in its mask. */
  blocked?: Signals;
  /** Set to `SIG_DFL`, whatever this process hands down. */
  defaults?: Signals;
  /** A Node below keeps what is ignored; without it, it sets the signals 1 to 31 to their defaults. */
  keep?: boolean;
}

/**
 * @internal The words before a command that prepare its signals: a program that changes itself and then
 * becomes the command, so that the pid stays. None where there is nothing to prepare, unless wanted
 * `always`.
 * @throws as `toNumbers`, ERR_UNCATCHABLE, ERR_UNSUPPORTED, ERR_INVALID_ARG for a signal that is to be
 *   ignored and default
 */
export function launcherOf(
  { ignored, blocked, defaults, keep = false }: Dispositions,
  always: boolean,
): string[] {
  const sets = {
    default: numbersOf(defaults, 'set to their default'),
    ignore: numbersOf(ignored, 'ignored'),
    block: numbersOf(blocked, 'blocked'),
  };
  const both = sets.default.find((number) => sets.ignore.includes(number));
  if (both !== undefined) {
    throw invalidArg('options.defaults', defaults, `none that is also ignored (${toName(both)})`);
  }
  const words = Object.entries(sets)
    .filter(([, numbers]) => numbers.length > 0)
    .map(([what, numbers]) => `--${what}=${numbers.join()}`);
  if (keep) words.push('--keep', ...launcherOptions());
  if (words.length === 0 && !always) return [];
  const launcher = besideAddon('launcher');
  if (!existsSync(launcher)) {
    throw unsupported('Such a start', `the launcher ${launcher} was not built`);
  }
  return [launcher, ...words, '--'];
}

function numbersOf(signals: Signals | undefined, what: string): number[] {
  const numbers = signals === undefined ? [] : toNumbersOrNone(signals);
  for (const name of numbers.map(toName)) {
    if (name === 'SIGKILL' || name === 'SIGSTOP') throw uncatchable(name, what);
  }
  return numbers;
}
