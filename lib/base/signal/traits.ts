import { realtime } from './realtime.js';
import { reservedSignals, toName } from './names.js';

/** What a signal does to a process that has not said otherwise: signal(7), "Signal dispositions". */
export type DefaultAction = 'terminate' | 'core' | 'ignore' | 'stop' | 'continue';

/** What is always so about a signal, whoever handles it. */
export interface SignalTraits {
  /** Whether a handler may be set at all: not for `SIGKILL`, `SIGSTOP` and the C library's own. */
  readonly catchable: boolean;
  /** Raised by the faulting instruction itself, on the thread that ran it. */
  readonly synchronous: boolean;
  /** Queued, each with its value, and delivered in order: signal(7), "Real-time signals". */
  readonly realtime: boolean;
  /** What the JavaScript runtime or the C library needs this signal for, or `null`. */
  readonly reservedFor: string | null;
}

const darwin = process.platform === 'darwin';

// By name: the numbers differ between systems, and so do a few of the actions.
const DEFAULT_ACTIONS: Record<Exclude<DefaultAction, 'terminate'>, ReadonlySet<string>> = {
  core: new Set([
    ...['SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGSYS'],
    ...(darwin ? ['SIGEMT'] : ['SIGXCPU', 'SIGXFSZ']),
  ]),
  ignore: new Set(['SIGCHLD', 'SIGURG', 'SIGWINCH', ...(darwin ? ['SIGIO', 'SIGINFO'] : [])]),
  stop: new Set(['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU']),
  continue: new Set(['SIGCONT']),
};

const UNCATCHABLE = new Set(['SIGKILL', 'SIGSTOP']);

const SYNCHRONOUS = new Set(['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGTRAP']);

const RESERVED_FOR: Record<string, string> = {
  SIGUSR1: 'the inspector',
  SIGPROF: 'the CPU profiler',
  SIGCHLD: 'child_process',
  SIGPIPE: 'closed sockets and pipes',
  SIGXFSZ: 'the file size limit',
  // V8 turns these faults into WebAssembly's bounds checks.
  SIGSEGV: 'WebAssembly memory traps',
  ...(darwin ? { SIGBUS: 'WebAssembly memory traps' } : {}),
};

interface Row {
  readonly action: DefaultAction;
  readonly traits: SignalTraits;
}

// By number, each worked out at its first use: `inspect` asks on every call.
const rows: Row[] = [];

/**
 * What the kernel does with a signal whose disposition is the default.
 * @throws ERR_UNKNOWN_SIGNAL
 */
export function defaultAction(number: number): DefaultAction {
  return row(number).action;
}

/**
 * The traits of a signal: one frozen object for each, the same at every call.
 * @throws ERR_UNKNOWN_SIGNAL
 */
export function traits(number: number): SignalTraits {
  return row(number).traits;
}

function row(number: number): Row {
  return (rows[number] ??= describe(number));
}

function describe(number: number): Row {
  const name = toName(number);
  const kept = reservedSignals().includes(number);
  return {
    action: actionOf(name),
    traits: Object.freeze({
      catchable: !kept && !UNCATCHABLE.has(name),
      synchronous: SYNCHRONOUS.has(name),
      realtime: realtime().max > 0 && number >= realtime().min,
      reservedFor: kept ? 'the C library' : (RESERVED_FOR[name] ?? null),
    }),
  };
}

function actionOf(name: string): DefaultAction {
  if (DEFAULT_ACTIONS.core.has(name)) return 'core';
  if (DEFAULT_ACTIONS.ignore.has(name)) return 'ignore';
  if (DEFAULT_ACTIONS.stop.has(name)) return 'stop';
  if (DEFAULT_ACTIONS.continue.has(name)) return 'continue';
  return 'terminate';
}
