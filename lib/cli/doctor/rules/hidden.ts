import type { Finding } from '../Cause.js';
import { isUncatchable } from '../effects.js';
import { hasEventLoop, isInterpreter, type Facts } from '../facts/Facts.js';

/**
 * Another user's process, or one that has changed its user: /proc does not show what it waits in, nor its descriptors. It
 * may take the signal by signalfd(2) or sigwaitinfo(2), and whether its program comes round to it is not seen.
 */
export function hidden(facts: Facts): Finding | null {
  const { hidden: is, disposition, program, pid, users, signal } = facts;
  if (!is || isUncatchable(facts) || disposition === 'ignored') return null;
  const later = hasEventLoop(program) || isInterpreter(program) || program.kind === 'shell';
  // A handler of C runs, whatever its program waits for.
  if (disposition === 'caught' && !later) return null;
  return {
    importance: 'unknown',
    title: `what it waits in is hidden from user ${users.ours}, and with that how it takes ${signal.name}`,
    evidence: [`/proc/${pid}/fd cannot be read: EACCES.`],
    conclusions: [
      disposition === 'caught'
        ? 'Such a program acts on it when its loop, or its next step, comes round.'
        : 'It may take the signal by signalfd or sigwaitinfo; else the mask and the default action count.',
    ],
    remedy: [`As root: sudo sigbridge doctor ${pid} --signal ${signal.name}`],
  };
}
