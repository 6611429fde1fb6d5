import { readFileSync } from 'node:fs';

/** A process in its one line of `stat`: proc_pid_stat(5). */
export interface Stat {
  /** The kernel's name for it: at most 15 bytes, and anything may be in it. */
  name: string;
  /** `'R'`, `'S'`, `'D'`, `'T'`, `'t'`, `'Z'`, `'X'`. */
  state: string;
  parent: number;
  group: number;
  session: number;
  /** The device number of its controlling terminal; 0 for none. */
  terminal: number;
  /** The foreground process group of that terminal; -1 for none. */
  foreground: number;
}

/** @throws as `readFileSync`, where there is no such process */
export function readStat(pid: number | 'self'): Stat {
  const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the command's name, in parentheses, and may hold anything.
  const end = line.lastIndexOf(')');
  const fields = line.slice(end + 2).split(' ');
  const number = (at: number): number => Number(fields[at]);
  return {
    name: line.slice(line.indexOf('(') + 1, end),
    state: fields[0] ?? '',
    parent: number(1),
    group: number(2),
    session: number(3),
    terminal: number(4),
    foreground: number(5),
  };
}
