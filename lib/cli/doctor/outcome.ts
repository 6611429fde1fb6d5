import { isNodesOwn } from './effects.js';
import type { Relative } from './facts/ancestors.js';
import type { Effect, Facts } from './facts/Facts.js';

/** What becomes of the process, where the signal acts so. */
export function effectOf(facts: Facts, acts: boolean | null): Effect {
  if (acts === null) return 'unknown';
  if (!acts) return 'nothing';
  const { signal, disposition, taker, shell } = facts;
  if (taker !== null) return 'runs';
  // A shell without a trap ends by the SIGINT that has ended its command.
  const untrapped = shell?.trap === false && signal.name === 'SIGINT' && disposition !== 'default';
  if (disposition === 'caught') return isNodesOwn(facts) || untrapped ? 'ends' : 'runs';
  if (untrapped) return 'ends';
  if (signal.action === 'stop') return 'stops';
  return signal.action === 'continue' ? 'continues' : 'ends';
}

/** The children whose fate at the same key decides, or is worth a word. */
export function concerned({ children, shell, stat }: Facts): Relative[] {
  const inGroup = children.filter(({ group }) => group === stat.group);
  if (shell === null || shell.waits === 'builtin' || shell.waits === 'no') return inGroup;
  const commands = children.filter((one) => !isBackgroundJob(one) && one.pid !== shell.background);
  return commands.length === 0 ? children : commands;
}

/** By what a shell without job control does to what stands before an `&`; a conclusion. */
export function isBackgroundJob({ ignored }: Relative): boolean {
  return ignored.includes('SIGINT') && ignored.includes('SIGQUIT');
}
