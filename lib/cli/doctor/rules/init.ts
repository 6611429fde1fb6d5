import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { isUncatchable } from '../effects.js';

/** The first process of a pid namespace takes only signals that it catches: pid_namespaces(7). */
export function init(facts: Facts): Finding | null {
  const { signal, pid, disposition, taker, init: is } = facts;
  if (!is.is || taker !== null) return null;
  const dropped = disposition === 'default' && !(isUncatchable(facts) && is.fromOutside);
  if (!dropped) return raisedAgain(facts);
  if (signal.action === 'ignore' || signal.action === 'continue') return null;
  return {
    importance: 'prevents',
    title: `it is the first process of its pid namespace, for which the kernel drops ${signal.name}`,
    evidence: [
      firstOf(pid),
      `/proc/${pid}/status: SigCgt lacks ${signal.name}, so it has the default action.`,
      ...(isUncatchable(facts) ? ['We are in the same namespace; from outside it would act.'] : []),
    ],
    remedy: [
      'Put an init before it that passes signals on: docker run --init, tini, dumb-init.',
      `Or catch the signal in the program: process.on('${signal.name}', …) in Node.`,
    ],
  };
}

/** Node's own handler ends it by raising the signal once more, which then has the default action. */
function raisedAgain({ signal, pid, program, listeners }: Facts): Finding | null {
  const own = signal.name === 'SIGINT' || signal.name === 'SIGTERM';
  if (program.kind !== 'node' || !own || (listeners ?? 0) > 0) return null;
  const sure = listeners === 0;
  return {
    importance: sure ? 'prevents' : 'warning',
    title: sure
      ? `it is the first process of its pid namespace, and has no listener for ${signal.name}`
      : `it is the first process of its pid namespace, where only a listener of its own can end it`,
    evidence: [
      firstOf(pid),
      sure
        ? `Its memory shows no watcher for ${signal.name}: the handler in SigCgt is Node's own.`
        : `Its memory cannot be read: the handler in SigCgt may be the program's, or Node's own.`,
      "Node's own handler raises the signal again with the default action, which the kernel drops here.",
    ],
    remedy: [
      'Put an init before it that passes signals on: docker run --init, tini, dumb-init.',
      `Or listen: process.on('${signal.name}', …), or createShutdown() of sigbridge/shutdown.`,
    ],
  };
}

function firstOf(pid: number): string {
  return `/proc/${pid}/status: the last number of NSpid is 1.`;
}
