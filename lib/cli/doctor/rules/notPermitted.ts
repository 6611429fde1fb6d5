import { constants } from 'node:os';
import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';

/** Not ours to signal: kill(2), EPERM. */
export function notPermitted({ refusal, route, pid, users }: Facts): Finding | null {
  if (refusal !== constants.errno.EPERM) return null;
  const evidence = [
    `kill(${pid}, 0) fails with EPERM.`,
    `The process runs as user ${users.its}, this command as user ${users.ours}.`,
  ];
  // Whoever may type on the terminal: the kernel sends, and needs no permission.
  if (route === 'key') evidence.push('A key on its terminal needs no permission.');
  return {
    importance: route === 'key' ? 'note' : 'prevents',
    title: `user ${users.ours} may not signal it`,
    evidence,
    remedy: [
      'Send the signal as root, or as the user whose process it is: sudo kill …',
      'Ask the one who started it: systemctl kill, docker kill, kubectl exec.',
    ],
  };
}
