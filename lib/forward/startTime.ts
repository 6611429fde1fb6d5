import { readStat } from '../look/stat.js';

/**
 * When a process was started, in clock ticks since the system was: with its pid it names one process
 * for ever. `null` when there is none (any more). proc_pid_stat(5), field 22.
 */
export function startTime(pid: number): string | null {
  try {
    const { state, started } = readStat(pid);
    return state === 'Z' || state === 'X' ? null : started;
  } catch {
    return null;
  }
}
