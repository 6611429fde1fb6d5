import type { Relative } from './ancestors.js';
import type { Facts } from './Facts.js';
import { isInit } from './program.js';

/** The shell above that could bring it to the foreground: an interactive one, which ignores SIGTERM. */
export function jobShell({ ancestors }: Facts): Relative | null {
  const shell = ancestors.find(({ kind }) => kind === 'shell');
  return shell?.ignored.includes('SIGTERM') === true ? shell : null;
}

/**
 * Whether it is a script with job control, or an init, which waits for a job in the foreground: what the key does to that, it does
 * to itself afterwards.
 */
export function handsKeyBack({ shell, sets, stat, below, program }: Facts): boolean {
  const script = shell?.waits === 'command' && !sets.ignored.includes('SIGTERM');
  if (!script && !isInit(program)) return false;
  return below.some(({ child: { group } }) => group === stat.foreground && group !== stat.group);
}
