import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';

/** SIGCONT continues what is stopped, and is nothing to all others. */
export function nothingToContinue({ signal, disposition, stat, pid }: Facts): Finding | null {
  if (signal.action !== 'continue' || disposition === 'caught' || stat.state === 'T') return null;
  return {
    importance: 'prevents',
    title: 'it is not stopped, so there is nothing to continue',
    evidence: [`/proc/${pid}/stat: state ${stat.state}, not T.`],
    remedy: ['Look for another cause: sigbridge doctor with the signal that you miss.'],
  };
}
