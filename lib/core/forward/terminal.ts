import { addon } from '../../base/native/addon.js';
import type { SignalEvent } from '../events/SignalEvent.js';

// Sent by a terminal, or by the kernel on its behalf, to a process group as a whole: termios(3),
// "Canonical and noncanonical mode", and setpgid(2) for groups that are orphaned.
const TO_THE_GROUP: ReadonlySet<string> = new Set([
  ...['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGWINCH', 'SIGTTIN', 'SIGTTOU', 'SIGCONT'],
]);

/** Whether the kernel has sent it to every process of this one's group, not to this one alone. */
export function sentByTerminal({ code, signal }: SignalEvent): boolean {
  if (code !== 'SI_KERNEL') return false;
  // Of a session that loses its terminal, the leader alone is told; it is for him to tell others.
  if (signal === 'SIGHUP') return addon.sessionOf(0) !== process.pid;
  return TO_THE_GROUP.has(signal);
}
