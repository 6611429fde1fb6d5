import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { SignalError, type SignalErrorCode } from './SignalError.js';

/** What the refused call was about. */
export interface SystemErrorContext {
  signal?: string | undefined;
  /** The process (or, negative as for kill(2), the process group) that it was for. */
  pid?: number | undefined;
  cause?: unknown;
}

const { errno: E } = constants;

const CODES = new Map<number, SignalErrorCode>([
  [E.ESRCH, 'ERR_NO_SUCH_PROCESS'],
  [E.EPERM, 'ERR_PERMISSION'],
  [E.EACCES, 'ERR_PERMISSION'],
  [E.EAGAIN, 'ERR_QUEUE_FULL'],
  [E.ENOSYS, 'ERR_UNSUPPORTED'],
  [E.ENOTSUP, 'ERR_UNSUPPORTED'],
]);

const REASONS: Partial<Record<SignalErrorCode, (target: string) => string>> = {
  ERR_NO_SUCH_PROCESS: (target) => `there is no ${target}`,
  ERR_PERMISSION: (target) => `this user may not do that to the ${target}`,
  ERR_QUEUE_FULL: () => 'the queue of signals is full (see RLIMIT_SIGPENDING, ulimit -i)',
};

/**
 * The error for a system call that was refused.
 * @param errno as in errno(3), or negated as Node gives it
 */
export function systemError(
  errno: number,
  syscall: string,
  { signal, pid, cause }: SystemErrorContext = {},
): SignalError {
  const number = Math.abs(errno);
  const [name, text] = getSystemErrorMap().get(-number) ?? [`errno ${number}`, 'unknown'];
  const code = CODES.get(number) ?? 'ERR_INVALID_ARG';
  const reason = REASONS[code]?.(targetOf(pid)) ?? text;
  const subject = signal === undefined ? '' : ` of ${signal}`;
  return new SignalError(code, `${syscall}${subject} failed: ${reason} (${name}).`, {
    signal,
    errno: number,
    syscall,
    cause,
  });
}

function targetOf(pid: number | undefined): string {
  if (pid === undefined) return 'process';
  return pid < 0 ? `process group ${-pid}` : `process ${pid}`;
}
