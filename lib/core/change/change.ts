import { constants } from 'node:os';
import { changes, tellChange } from '../events/channels.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import { readOptions } from '../../base/errors/options.js';
import { dispositionNow, type Disposition } from '../look/disposition.js';
import { ignored } from '../look/inspect.js';
import { addon } from '../../base/native/addon.js';
import type { Where } from '../../base/native/exports.js';
import { check } from '../../base/native/check.js';
import {
  allSignals,
  toName,
  toNumber,
  toNumbersOrNone,
  type SignalName,
} from '../../base/signal/names.js';
import { heard, requireCatchable, requireFree, requireUnheard } from './guard.js';

/** What a call has done to a signal's disposition; {@link restore} takes it back. */
export interface Change {
  /** The signal's name. */
  readonly signal: string;
  /** The disposition before the call. */
  readonly before: Disposition;
  /** The disposition since the call. */
  readonly after: Disposition;
  /** False when it stood so already. */
  readonly changed: boolean;
}

/** How far a change of a disposition may go. */
export interface ChangeOptions {
  /** Change it even where that breaks the runtime, or silences listeners. */
  force?: boolean;
}

/** Which ignored signals {@link resetIgnored} looks at. */
export interface ResetIgnoredOptions {
  /** Reset these too, of those that are left out: `SIGPIPE`, `SIGXFSZ`. */
  include?: SignalName | number | readonly (SignalName | number)[];
  /** Leave these alone. */
  except?: SignalName | number | readonly (SignalName | number)[];
}

// What stood before each change, as the C library's struct.
const saved = new WeakMap<Change, Uint8Array>();

/** Ignored by the runtime for its own sake. */
const NEEDED_IGNORED: readonly string[] = ['SIGPIPE', 'SIGXFSZ'];

/**
 * Sets the default disposition, `SIG_DFL`, for this process and for what it executes (exec keeps
 * an ignore, and turns a handler into the default). May be called from any thread. sigaction(2).
 * @throws ERR_RUNTIME_SIGNAL (see `force`), ERR_UNCATCHABLE, ERR_UNKNOWN_SIGNAL,
 *   ERR_RESERVED_SIGNAL, ERR_INVALID_ARG
 */
export function reset(signal: SignalName | number, options?: ChangeOptions): Change {
  return plannedChange('default', signal, options).carryOut();
}

/**
 * Ignores a signal, `SIG_IGN`, in this process and in what it executes. A program started by
 * `child_process` gets the signals 1 to 31 reset by libuv; real-time signals stay ignored there.
 * May be called from any thread. Errors as {@link reset}. sigaction(2).
 */
export function ignore(signal: SignalName | number, options?: ChangeOptions): Change {
  return plannedChange('ignore', signal, options).carryOut();
}

/**
 * Puts back exactly what stood before a change: handler, flags and mask. Gives back what that has
 * changed in turn. May be called from any thread. sigaction(2).
 * @throws ERR_INVALID_ARG for what is no change of this process
 * @throws ERR_RUNTIME_SIGNAL while somebody hears the signal, through sigbridge or `process.on`
 */
export function restore(change: Change, options?: ChangeOptions): Change {
  const action = isObject(change) ? saved.get(change) : undefined;
  if (action === undefined) {
    throw invalidArg('change', change, 'a Change that reset(), ignore() or restore() gave back');
  }
  const { force } = readOptions(options, { force: 'boolean' });
  const number = toNumber(change.signal);
  if (force !== true) requireUnheard(number);
  return apply(number, () => addon.restoreAction(number, action, whereOf(force)));
}

/**
 * Every ignored signal back to its default, but those that the runtime needs ignored. This is the way
 * out when a program was started with signals ignored (`nohup`, a shell's background job). May be
 * called from any thread. sigaction(2).
 * @returns the changes, one for each signal that was ignored
 * @throws ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_INVALID_ARG
 */
export function resetIgnored(options?: ResetIgnoredOptions): Change[] {
  const { include, except } = readOptions(options, { include: 'signals', except: 'signals' });
  const included = numbersOf(include);
  const excluded = numbersOf(except);
  return allSignals()
    .filter((number) => ignored(number) && !excluded.has(number))
    .filter((number) => included.has(number) || !NEEDED_IGNORED.includes(toName(number)))
    .map((number) => apply(number, () => resetIfIgnored(number)));
}

/** @internal A change that has been checked, and not been made. */
export interface PlannedChange {
  readonly number: number;
  /** @throws ERR_RUNTIME_SIGNAL when the signal is in use by now */
  check(): void;
  /** @throws when the system refuses */
  carryOut(): Change;
}

/** @internal Throws what {@link reset} throws. */
export function plannedChange(
  disposition: 'default' | 'ignore',
  signal: SignalName | number,
  options: ChangeOptions | undefined,
): PlannedChange {
  const number = toNumber(signal);
  const { force } = readOptions(options, { force: 'boolean' });
  requireCatchable(number, disposition === 'ignore' ? 'ignored' : 'reset');
  const check = (): void => {
    if (force !== true) requireFree(number);
  };
  check();
  return {
    number,
    check,
    carryOut: () =>
      apply(number, () =>
        disposition === 'ignore'
          ? addon.setIgnored(number, whereOf(force))
          : addon.setDefault(number, whereOf(force)),
      ),
  };
}

const [ANYWHERE, UNHEARD, IGNORED] = [0, 1, 2] as const;
const { EBUSY } = constants.errno;

// Checked once more where it is done: another thread may have begun to listen meanwhile.
const whereOf = (force: unknown): Where => (force === true ? ANYWHERE : UNHEARD);

function resetIfIgnored(number: number): number {
  const error = addon.setDefault(number, IGNORED);
  return error === EBUSY ? 0 : error; // somebody has done it, or listens by now
}

function apply(number: number, write: () => number): Change {
  const signal = toName(number);
  const before = saveAction(number);
  const standing = dispositionNow(number).disposition;
  const error = write();
  if (error === EBUSY) throw heard(number);
  check(error, 'sigaction', { signal });
  const after = dispositionNow(number).disposition;
  const changed = !Buffer.from(before).equals(saveAction(number));
  const change: Change = Object.freeze({ signal, before: standing, after, changed });
  saved.set(change, before);
  if (changed && changes.hasSubscribers) {
    tellChange({ signal, before: standing, after, cause: 'set' });
  }
  return change;
}

function saveAction(number: number): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(addon.actionSize));
  check(addon.saveAction(number, bytes), 'sigaction', { signal: toName(number) });
  return bytes;
}

function numbersOf(signals: unknown): Set<number> {
  return new Set(signals === undefined ? [] : toNumbersOrNone(signals as SignalName));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
