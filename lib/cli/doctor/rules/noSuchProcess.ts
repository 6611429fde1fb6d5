import type { Finding } from '../Cause.js';

/** Nobody is there: kill(2), ESRCH. The one rule that has no facts to judge by. */
export function noSuchProcess(pid: number): Finding {
  return {
    importance: 'prevents',
    title: `there is no process ${pid}`,
    evidence: [`/proc/${pid} does not exist, and kill(${pid}, 0) fails with ESRCH.`],
    remedy: [
      'Ask for the pid again (pgrep -af NAME): it has ended, or was restarted under another one.',
      'Inside a container processes have other pids than outside: ask from where you signal.',
    ],
  };
}
