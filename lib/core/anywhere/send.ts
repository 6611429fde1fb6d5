import { systemError } from '../../base/errors/system.js';
import { isSupported } from '../../base/native/addon.js';
import { toName } from '../../base/signal/names.js';
import { send } from '../lowlevel/send.js';

/** As {@link send}, also where there is no native part. Errors as there. */
export function sendAnyhow(pid: number, number: number): void {
  if (isSupported()) {
    send(pid, number);
    return;
  }
  try {
    process.kill(pid, number);
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    throw systemError(errno, 'kill', { signal: toName(number), pid, cause: error });
  }
}
