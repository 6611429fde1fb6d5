import { constants } from 'node:os';
import { readOptions } from '../../base/errors/options.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import { addon } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { EVENT_FIELDS, SignalEvent } from '../events/SignalEvent.js';
import { namesOf, type SignalName } from '../../base/signal/names.js';
import { bitsOf } from './mask.js';

/** How long {@link wait} may block the calling thread. */
export interface WaitOptions {
  /** Milliseconds; 0 only looks. Without it the wait has no end. */
  timeoutMs?: number;
}

/** What the call can count in nanoseconds without loss: about 104 days. */
const LONGEST_MS = Number.MAX_SAFE_INTEGER / 1e6;

/**
 * Takes the next of these signals off the queue, or `null` when the time is up. The calling thread
 * stands still meanwhile, its event loop included: meant for workers and for tests. The signals must
 * be blocked on the calling thread. sigtimedwait(2).
 * @throws ERR_INVALID_ARG when one is not blocked, ERR_UNCATCHABLE, ERR_UNKNOWN_SIGNAL,
 *   ERR_RESERVED_SIGNAL, ERR_UNSUPPORTED
 */
export function wait(
  signals: SignalName | number | readonly (SignalName | number)[],
  options?: WaitOptions,
): SignalEvent | null {
  const bits = bitsOf(signals, 'waited for');
  if (bits === 0n) throw invalidArg('signals', signals, 'at least one signal');
  const timeout = timeoutOf(options);
  const open = bits & ~addon.getMask();
  if (open !== 0n) {
    throw invalidArg(
      'signals',
      signals,
      `signals that this thread blocks: call mask.block() for ${namesOf(open).join(', ')} first`,
    );
  }
  const row = new Int32Array(new ArrayBuffer(EVENT_FIELDS * 4));
  const result = addon.wait(bits, timeout, row);
  if (result === -constants.errno.EAGAIN) return null;
  check(result > 0 ? 0 : result, 'sigtimedwait');
  return new SignalEvent(row, 0);
}

function timeoutOf(options: WaitOptions | undefined): number {
  const { timeoutMs } = readOptions(options, { timeoutMs: 'number' }) as WaitOptions;
  if (timeoutMs === undefined) return -1;
  if (!(timeoutMs >= 0 && timeoutMs <= LONGEST_MS)) {
    throw invalidArg('options.timeoutMs', timeoutMs, 'a number of milliseconds, 0 or more');
  }
  return Math.round(timeoutMs * 1e6);
}
