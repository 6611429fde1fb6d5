import { show } from './show.js';

/** What went wrong, for programs to compare with; the message is for people and may change. */
export type SignalErrorCode =
  /** No signal of this name or number exists here. */
  | 'ERR_UNKNOWN_SIGNAL'
  /** `SIGKILL` or `SIGSTOP`: the kernel lets nobody catch, block or ignore them (signal(7)). */
  | 'ERR_UNCATCHABLE'
  /** A real-time signal that the C library keeps for its own threads (nptl(7)). */
  | 'ERR_RESERVED_SIGNAL'
  /** A JavaScript listener for a signal raised by the faulting instruction itself. */
  | 'ERR_SYNCHRONOUS_SIGNAL'
  /** The change would break the JavaScript runtime. */
  | 'ERR_RUNTIME_SIGNAL'
  | 'ERR_INVALID_ARG'
  /** No process (or none any more) of this id: `ESRCH`. */
  | 'ERR_NO_SUCH_PROCESS'
  /** The system does not allow it to this user: `EPERM`, `EACCES`. */
  | 'ERR_PERMISSION'
  /** The limit on queued signals (`RLIMIT_SIGPENDING`) is reached: `EAGAIN`. */
  | 'ERR_QUEUE_FULL'
  /** The object was closed before. */
  | 'ERR_CLOSED'
  /** There may be one of it in a process, and there is. */
  | 'ERR_IN_USE'
  /** A handler or a stage took longer than it may. */
  | 'ERR_TIMEOUT'
  /** A handler failed so often that it is not called for a while. */
  | 'ERR_CIRCUIT_OPEN'
  /** This platform or runtime lacks what the call needs. */
  | 'ERR_UNSUPPORTED';

/** What an error may carry beside its code and message. */
export interface SignalErrorDetails {
  /** The signal in question, by its name. */
  signal?: string | undefined;
  /** The system's error number, positive as in errno(3). */
  errno?: number | undefined;
  /** The system call that was refused. */
  syscall?: string | undefined;
  cause?: unknown;
}

/** Every error that sigbridge throws on purpose. A call that throws it has changed nothing. */
export class SignalError extends Error {
  /** What was wrong, for programs to compare with. */
  readonly code: SignalErrorCode;
  // `declare`: a detail that is not known must not show up as a property that is `undefined`.
  /** The signal's name; not there where the call has none, or its name was wrong. */
  declare readonly signal?: string;
  /** Where the system has refused: the error's number, as errno(3) has it. */
  declare readonly errno?: number;
  /** Where the system has refused: the name of the call. */
  declare readonly syscall?: string;

  constructor(code: SignalErrorCode, message: string, details: SignalErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.signal !== undefined) this.signal = details.signal;
    if (details.errno !== undefined) this.errno = details.errno;
    if (details.syscall !== undefined) this.syscall = details.syscall;
  }

  static {
    // On the prototype, as with the built-in errors, so that it is not listed among the details.
    Object.defineProperty(this.prototype, 'name', {
      value: 'SignalError',
      writable: true,
      configurable: true,
    });
  }
}

/** `value` names no signal. `expected` says what would; `suggestion` is the likely intent. */
export function unknownSignal(value: unknown, expected: string, suggestion?: string): SignalError {
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
  return new SignalError(
    'ERR_UNKNOWN_SIGNAL',
    `Unknown signal ${show(value)}: expected ${expected}.${hint}`,
  );
}

/** The argument `name` is `value` and should have been `expected` ("a positive integer"). */
export function invalidArg(name: string, value: unknown, expected: string): SignalError {
  return new SignalError(
    'ERR_INVALID_ARG',
    `Invalid ${name}: ${show(value)}; expected ${expected}.`,
  );
}

/** `SIGKILL` and `SIGSTOP`; `what` is what was asked for ("listened to", "ignored", "blocked"). */
export function uncatchable(signal: string, what: string): SignalError {
  return new SignalError(
    'ERR_UNCATCHABLE',
    `${signal} cannot be ${what}: the kernel lets no process catch, block or ignore it.`,
    { signal },
  );
}

/** A real-time signal below `SIGRTMIN`; `range` are those that programs may use. */
export function reservedSignal(signal: string, range: string): SignalError {
  return new SignalError(
    'ERR_RESERVED_SIGNAL',
    `${signal} is reserved by the C library for its threads; programs may use ${range}.`,
    { signal },
  );
}

/** A JavaScript listener for a fault signal: the faulting instruction would run again first. */
export function synchronousSignal(signal: string): SignalError {
  return new SignalError(
    'ERR_SYNCHRONOUS_SIGNAL',
    `${signal} is raised by the faulting instruction itself: no JavaScript can run before that ` +
      `instruction runs again, so it cannot be listened to.`,
    { signal },
  );
}

/** A change that would break the runtime; `consequence` is a full clause that says what breaks. */
export function runtimeSignal(signal: string, consequence: string): SignalError {
  return new SignalError(
    'ERR_RUNTIME_SIGNAL',
    `${signal} is left alone: ${consequence}. Pass { force: true } to change it all the same.`,
    { signal },
  );
}

/** `what` ("The subscription") was closed before this call. */
export function closed(what: string): SignalError {
  return new SignalError('ERR_CLOSED', `${what} is closed.`);
}

/** `what` ("The handler "reload"") was given `ms` milliseconds and had not settled by then. */
export function timedOut(what: string, ms: number): SignalError {
  return new SignalError('ERR_TIMEOUT', `${what} did not settle within ${ms} ms.`);
}

/** The handler `name` is left out after failures in a row. */
export function circuitOpen(name: string): SignalError {
  return new SignalError(
    'ERR_CIRCUIT_OPEN',
    `The handler ${show(name)} was not called: its circuit is open after failures in a row.`,
  );
}

/** `what` ("Reading another process") needs something that is missing; `why` says what. */
export function unsupported(what: string, why: string, cause?: unknown): SignalError {
  return new SignalError('ERR_UNSUPPORTED', `${what} is not supported here: ${why}.`, { cause });
}
