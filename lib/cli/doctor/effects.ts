import { waitsForEvents, type Facts } from './facts/Facts.js';

const UNCATCHABLE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGSTOP']);

/** Whether no process can catch, block or ignore it. */
export function isUncatchable({ signal }: Facts): boolean {
  return UNCATCHABLE.has(signal.name);
}

/**
 * Whether the handler is, by all signs, the one that Node has set itself, for SIGINT and SIGTERM, and that ends it
 * by the signal: no watcher of libuv's stands for it, and nothing is loaded that may have set another.
 */
export function isNodesOwn(facts: Facts): boolean {
  const { program, signal, disposition, libuv } = facts;
  if (program.kind !== 'node' || disposition !== 'caught') return false;
  if (signal.name !== 'SIGINT' && signal.name !== 'SIGTERM') return false;
  if (signal.name === 'SIGINT' && mayBreakScript(facts)) return false;
  return libuv?.watchers === 0 && libuv.addons.length === 0;
}

// Such a script holds the main thread; one that waits for events runs none.
function mayBreakScript({ libuv, threads: [main] }: Facts): boolean {
  return libuv?.breaks ?? (main === undefined || !waitsForEvents(main));
}

/**
 * Whether the kernel ends the process as soon as the signal is sent, whatever its threads do: the default
 * action is to terminate (without a core dump), and there is a thread that it may be given to.
 * complete_signal() in kernel/signal.c.
 */
export function endsAtOnce({ signal, disposition, receiver, tracer, init, taker }: Facts): boolean {
  if (signal.name === 'SIGKILL') return !init.is || init.fromOutside;
  const terminates = disposition === 'default' && signal.action === 'terminate';
  return terminates && receiver !== null && tracer === null && !init.is && taker === null;
}
