import { readdirSync } from 'node:fs';
import { readStat, type Stat } from '../../../core/look/stat.js';

/** Every process of this system, by pid. */
export type ProcessTable = ReadonlyMap<number, Stat>;

/** Processes that end while they are read are left out. */
export function readTable(): ProcessTable {
  const table = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      table.set(pid, readStat(pid));
    } catch {
      continue;
    }
  }
  for (const [pid, stat] of table) {
    if (stat.terminal === 0) table.set(pid, withKeys(stat, table));
  }
  return table;
}

// A process may have given its terminal up, as dumb-init does, and still is in the group that the keys go to: TIOCNOTTY.
function withKeys(stat: Stat, table: ProcessTable): Stat {
  if (stat.group === 0 || stat.group === stat.session) {
    const leader = table.get(stat.group);
    if (leader?.foreground !== stat.group || leader.session !== stat.session) return stat;
    return { ...stat, terminal: leader.terminal, foreground: leader.foreground };
  }
  return stat;
}

/** Those that run, not zombies. */
export function childrenOf(parent: number, table: ProcessTable): number[] {
  return pidsWhere(table, (stat) => stat.parent === parent && stat.state !== 'Z');
}

/** The pids whose process is so, in ascending order. */
export function pidsWhere(table: ProcessTable, fits: (stat: Stat) => boolean): number[] {
  return [...table].flatMap(([pid, stat]) => (fits(stat) ? [pid] : [])).sort((a, b) => a - b);
}
