import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';

/** Nobody could continue it again, so the terminal's stop signals do not stop it: setpgid(2). */
export function orphanedGroup({
  signal,
  disposition,
  orphanedGroup: is,
  stat,
}: Facts): Finding | null {
  if (!is || disposition !== 'default' || signal.action !== 'stop') return null;
  if (signal.name === 'SIGSTOP') return null;
  return {
    importance: 'prevents',
    title: `its process group is orphaned, where ${signal.name} does not stop anything`,
    evidence: [
      `No member of group ${stat.group} has a parent in another group of session ${stat.session}.`,
    ],
    remedy: [
      'SIGSTOP stops it. A shell with job control would stand above it, and could continue it.',
    ],
  };
}
