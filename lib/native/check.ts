import { systemError, type SystemErrorContext } from '../errors/system.js';

/** @throws the error for a call of the native part that was refused */
export function check(errno: number, syscall: string, context?: SystemErrorContext): void {
  if (errno !== 0) throw systemError(errno, syscall, context);
}
