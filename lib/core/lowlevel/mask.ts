import { requireCatchable } from '../change/guard.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import { addon } from '../../base/native/addon.js';
import {
  elements,
  namesOf,
  reservedSignals,
  toName,
  toNumber,
  type SignalName,
} from '../../base/signal/names.js';

type Signals = SignalName | number | readonly (SignalName | number)[];

const BLOCK = 0;
const UNBLOCK = 1;
const SET = 2;

/**
 * The calling thread's mask: what it blocks, whichever thread of the process others may have. A
 * signal sent to the process goes to any thread that does not block it, and the runtime has several:
 * to keep one back for good, use `hold` or `on`. Each call but `get` gives back the mask before, by
 * names. pthread_sigmask(3).
 *
 * All throw ERR_UNCATCHABLE, ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_INVALID_ARG.
 */
export const mask = Object.freeze({
  /** The signals that the calling thread blocks. POSIX: pthread_sigmask(3). */
  get(): string[] {
    return namesOf(addon.getMask());
  },
  /** Blocks these as well; gives back what was blocked before. */
  block(signals: Signals): string[] {
    return change(BLOCK, bitsOf(signals, 'blocked'));
  },
  /** Unblocks these; one that is pending is delivered before this returns. Gives back what was blocked before. */
  unblock(signals: Signals): string[] {
    return change(UNBLOCK, bitsOf(signals, 'unblocked'));
  },
  /** Exactly these, which may be none. Takes whatever `get` has given. */
  set(signals: Signals): string[] {
    return change(SET, bitsOf(signals, 'blocked'));
  },
});

/**
 * Runs `fn` with the signals blocked on the calling thread, and puts the mask back as it was,
 * whatever `fn` does. `fn` must be synchronous: its thread has only one mask.
 * Sources: pthread_sigmask(3).
 * @throws what `fn` throws; ERR_INVALID_ARG for a promise; else as {@link mask}
 */
export function withBlocked<Result>(signals: Signals, fn: () => Result): Result {
  const blocked = bitsOf(signals, 'blocked');
  if (typeof fn !== 'function') throw invalidArg('fn', fn, 'a function');
  const before = addon.changeMask(BLOCK, blocked);
  let result: Result;
  try {
    result = fn();
  } finally {
    addon.changeMask(SET, before);
  }
  if (isThenable(result)) {
    throw invalidArg('fn', fn, 'a synchronous function: the mask is put back when it returns');
  }
  return result;
}

/**
 * What waits for the calling thread, or for any thread of the process. sigpending(2).
 * @throws ERR_UNSUPPORTED (no native part)
 */
export function pending(): string[] {
  return namesOf(addon.getPending());
}

/** @internal The kernel's form of a set. */
export function bitsOf(signals: Signals, what: string): bigint {
  let bits = 0n;
  for (const signal of elements(signals) ?? [signals]) {
    bits |= bitOf(signal as SignalName | number, what);
  }
  return bits;
}

// The C library's own are part of what `get` shows, so they may come back; they do nothing.
function bitOf(signal: SignalName | number, what: string): bigint {
  const reserved = reservedSignals().find((number) => toName(number) === signal);
  const number = reserved ?? toNumber(signal);
  if (reserved === undefined) requireCatchable(number, what);
  return 1n << BigInt(number - 1);
}

function change(how: number, bits: bigint): string[] {
  return namesOf(addon.changeMask(how, bits));
}

function isThenable(value: unknown): boolean {
  return (
    value instanceof Promise || typeof (value as { then?: unknown } | null)?.then === 'function'
  );
}
