import { readFileSync } from 'node:fs';

/**
 * When a process was started, in clock ticks since the system was: with its pid it names one process
 * for ever. `null` when there is none (any more). proc_pid_stat(5), field 22.
 */
export function startTime(pid: number): string | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The second field is the command's name, in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? null : (fields[19] ?? null);
}
