import { runtimeSignal, uncatchable } from '../../base/errors/SignalError.js';
import { dispositionNow } from '../look/disposition.js';
import { countOthers } from '../receive/standIns.js';
import { toName } from '../../base/signal/names.js';
import { traits } from '../../base/signal/traits.js';

/** What breaks when the disposition of a signal is taken from the runtime. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  SIGCHLD: 'child_process would no longer hear that a child has ended',
  SIGPIPE: 'writing to a closed socket or pipe would end the process',
  SIGXFSZ: 'writing past the file size limit would end the process',
  SIGUSR1: 'the inspector could no longer be started by it',
  SIGPROF: 'the CPU profiler samples by it',
  SIGSEGV: "the runtime's own fault handler (WebAssembly bounds checks) would be lost",
  SIGBUS: "the runtime's own fault handler would be lost",
  SIGFPE: 'the fault that raises it would happen again and again, or be hidden',
  SIGILL: 'the fault that raises it would happen again and again, or be hidden',
  SIGTRAP: 'debuggers and V8 stop the program by it',
};

const LISTENED = 'it has live process.on() listeners, which would hear no more';

/** @throws ERR_UNCATCHABLE */
export function requireCatchable(number: number, what: string): void {
  if (!traits(number).catchable) throw uncatchable(toName(number), what);
}

/** @throws ERR_RUNTIME_SIGNAL for a signal that the runtime, or a listener, relies on */
export function requireFree(number: number): void {
  const signal = toName(number);
  const consequence = CONSEQUENCES[signal];
  if (consequence !== undefined) throw runtimeSignal(signal, consequence);
  requireUnheard(number);
  if (countOthers(signal) > 0) throw runtimeSignal(signal, LISTENED);
}

export function heard(number: number): Error {
  return runtimeSignal(
    toName(number),
    'it has live sigbridge subscriptions, which would hear no more',
  );
}

/**
 * Who has been silenced already loses nothing by a change.
 * @throws ERR_RUNTIME_SIGNAL for a signal that reaches somebody who listens
 */
export function requireUnheard(number: number): void {
  const signal = toName(number);
  const { managed, owner } = dispositionNow(number);
  if (managed) throw heard(number);
  if (owner === 'libuv') throw runtimeSignal(signal, LISTENED);
}
