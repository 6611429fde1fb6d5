import { getSystemErrorMap } from 'node:util';
import { systemConstants } from '../signal/numbers.js';
import { SignalError, type SignalErrorCode } from './SignalError.js';

/** What the refused call was about. */
export interface SystemErrorContext {
  signal?: string | undefined;
  /** The process (or, negative as for kill(2), the process group) that it was for. */
  pid?: number | undefined;
  /** How many signals may be queued, where that is known. */
  limit?: number | undefined;
  cause?: unknown;
}

function codeOf(errno: number): SignalErrorCode {
  const { errno: E } = systemConstants();
  switch (errno) {
    case E.ESRCH:
      return 'ERR_NO_SUCH_PROCESS';
    case E.EPERM:
    case E.EACCES:
      return 'ERR_PERMISSION';
    case E.EAGAIN:
      return 'ERR_QUEUE_FULL';
    case E.ENOSYS:
    case E.ENOTSUP:
      return 'ERR_UNSUPPORTED';
    default:
      return 'ERR_INVALID_ARG';
  }
}

const REASONS: Partial<Record<SignalErrorCode, (context: SystemErrorContext) => string>> = {
  ERR_NO_SUCH_PROCESS: (context) => `there is no ${targetOf(context)}`,
  ERR_PERMISSION: (context) => `this user may not do that to the ${targetOf(context)}`,
  ERR_QUEUE_FULL: ({ limit }) =>
    `the queue of signals is full${limit === undefined ? '' : `: ${limit} may wait`} ` +
    '(see RLIMIT_SIGPENDING, ulimit -i)',
};

/**
 * The error for a system call that was refused.
 * @param errno as in errno(3), or negated as Node gives it
 */
export function systemError(
  errno: number,
  syscall: string,
  context: SystemErrorContext = {},
): SignalError {
  const { signal, cause } = context;
  const number = Math.abs(errno);
  const [name, text] = getSystemErrorMap().get(-number) ?? [`errno ${number}`, 'unknown'];
  const code = codeOf(number);
  const reason = REASONS[code]?.(context) ?? text;
  const subject = signal === undefined ? '' : ` of ${signal}`;
  return new SignalError(code, `${syscall}${subject} failed: ${reason} (${name}).`, {
    signal,
    errno: number,
    syscall,
    cause,
  });
}

function targetOf({ pid }: SystemErrorContext): string {
  if (pid === undefined) return 'process';
  return pid < 0 ? `process group ${-pid}` : `process ${pid}`;
}
