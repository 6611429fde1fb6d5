import { readFileSync } from 'node:fs';
import { unsupported } from '../base/errors/SignalError.js';
import type { Exit } from '../core/children/deaths.js';

/**
 * @internal What makes a command the first process of a pid namespace (unshare(1)), with a /proc of its
 * own. Who is not root needs a user namespace for that, in which it is. @throws ERR_UNSUPPORTED
 */
export function namespaceOf(pidNamespace: boolean): string[] {
  if (!pidNamespace) return [];
  if (process.platform !== 'linux') throw unsupported('A pid namespace', 'only Linux has them');
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  return ['unshare', ...user, '--pid', '--fork', '--mount-proc', '--kill-child', '--'];
}

/**
 * @internal How process 1 of the namespace ended, given how unshare(1) did, which ends the same way; only
 * by SIGKILL it cannot: it fails at `signal(SIGKILL, SIG_DFL)`, and says so.
 */
export function exitInside(exit: Exit, output: string): Exit {
  const complains = exit.code === 1 && /^unshare: /m.test(output.slice(-200));
  return complains ? { code: null, signal: 'SIGKILL' } : exit;
}

/** @internal The first child of a process, as this process sees it; `null` while there is none. */
export function firstChild(pid: number): number | null {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return Number(children.split(' ')[0]) || null;
  } catch {
    return null;
  }
}
