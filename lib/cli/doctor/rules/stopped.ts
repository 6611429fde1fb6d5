import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { jobShell } from '../facts/jobControl.js';
import { nameOf } from '../words.js';

/** Stopped by job control: what comes now waits for SIGCONT. signal(7) */
export function stopped(facts: Facts): Finding | null {
  const { stat, signal, pid } = facts;
  const shell = jobShell(facts);
  if (stat.state !== 'T') return null;
  const acts = signal.name === 'SIGKILL' || signal.name === 'SIGCONT';
  return {
    importance: acts ? 'note' : 'prevents',
    title: acts
      ? `it is stopped, which does not keep ${signal.name} from acting`
      : `it is stopped: ${signal.name} waits until somebody continues it`,
    evidence: [`/proc/${pid}/stat: state T, stopped.`],
    remedy: [
      `Continue it: kill -CONT ${pid}${shell === null ? '' : `, or fg in ${nameOf(shell)}`}`,
      'Ctrl+Z stops a job, and so does reading from the terminal in the background (SIGTTIN).',
    ],
  };
}
