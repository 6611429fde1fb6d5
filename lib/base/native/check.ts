import { unsupported } from '../errors/SignalError.js';
import { systemError, type SystemErrorContext } from '../errors/system.js';
import { addon } from './addon.js';

/** @throws the error for a call of the native part that was refused */
export function check(errno: number, syscall: string, context?: SystemErrorContext): void {
  if (errno !== 0) throw systemError(errno, syscall, context);
}

/** For what looks at the main thread. @throws ERR_UNSUPPORTED in a worker */
export function requireMainThread(what: string): void {
  if (!addon.isMainThread()) {
    throw unsupported(`${what} in a worker`, 'it looks at the main thread; call it there');
  }
}
