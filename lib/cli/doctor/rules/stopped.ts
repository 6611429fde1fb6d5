import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';

/** Stopped by job control: what comes now waits for SIGCONT. signal(7) */
export function stopped({ stat, signal, pid }: Facts): Finding | null {
  if (stat.state !== 'T') return null;
  const acts = signal.name === 'SIGKILL' || signal.name === 'SIGCONT';
  return {
    importance: acts ? 'note' : 'prevents',
    title: acts
      ? `it is stopped, which does not keep ${signal.name} from acting`
      : `it is stopped: ${signal.name} waits until somebody continues it`,
    evidence: [`/proc/${pid}/stat: state T, stopped.`],
    remedy: [
      `Continue it: kill -CONT ${pid}, or fg in the shell that it belongs to.`,
      'Ctrl+Z stops a job, and so does reading from the terminal in the background (SIGTTIN).',
    ],
  };
}
