import { invalidArg } from '../../base/errors/SignalError.js';
import { addon } from '../../base/native/addon.js';
import { usesLibuv } from '../../base/native/load.js';
import { toName, toNumber, type SignalName } from '../../base/signal/names.js';
import { defaultAction } from '../../base/signal/traits.js';

/**
 * Ends this process by a signal, so that whoever started it sees a death by that signal (a shell
 * then shows 128 + n, and stops its script at Ctrl+C): the terminal is restored, the disposition set
 * to the default, the signal unblocked and raised. No `exit` listeners run. As PID 1 of a namespace,
 * where the kernel drops it, the process exits with 128 + n. May be called from any thread.
 * Sources: wait(2), pid_namespaces(7).
 * @throws ERR_INVALID_ARG for a signal that ends no process, ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL
 */
export function exitBySignal(signal: SignalName | number): never {
  const number = toNumber(signal);
  const action = defaultAction(number);
  if (action !== 'terminate' && action !== 'core') {
    const expected = `a signal that ends a process (the default action of ${toName(number)} is: ${action})`;
    throw invalidArg('signal', signal, expected);
  }
  return addon.exitBySignal(number, usesLibuv);
}
