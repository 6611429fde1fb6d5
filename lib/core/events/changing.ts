import { dispositionNow } from '../look/disposition.js';
import { toName } from '../../base/signal/names.js';
import { changes, tellChange, type ChangeMessage } from './channels.js';

/** Does what may change a signal's disposition, and tells if it has; gives back what it gives back. */
export function changing<Result>(
  number: number,
  cause: ChangeMessage['cause'],
  change: () => Result,
): Result {
  if (!changes.hasSubscribers) return change();
  const before = dispositionNow(number).disposition;
  const result = change();
  const tellIfChanged = (): boolean => {
    const after = dispositionNow(number).disposition;
    if (after !== before) tellChange({ signal: toName(number), before, after, cause });
    return after !== before;
  };
  // What stood before libuv's handler is put back a turn later.
  if (!tellIfChanged() && cause === 'last-close') setImmediate(tellIfChanged).unref();
  return result;
}
