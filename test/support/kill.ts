// Every signal that a test sends to another process goes through here. A pid that was read from
// somewhere may be wrong, and what kill(2) makes of a wrong one, 0, -1 or the NaN of an empty line, is
// the test run itself, or every process of the user: it is refused instead.
import fs from 'node:fs';

type Signal = string | number;

/** Sends a signal to one process. @throws where `pid` cannot be one that a test has started */
export function kill(pid: number | undefined, signal: Signal): void {
  process.kill(validated(pid, 'pid'), signal);
}

/** Sends a signal to all of a process group, which is not the test run's own. */
export function killGroup(group: number | undefined, signal: Signal): void {
  const id = validated(group, 'process group');
  if (id === ownGroup()) throw new Error(`process group ${String(id)} is the test run's own`);
  process.kill(-id, signal);
}

/** Kills `pid` unless it is gone already, or never was. */
export function killQuietly(pid: number | undefined): void {
  unlessGone(pid, kill);
}

/** The same, of all that is in a process group. */
export function killGroupQuietly(group: number | undefined): void {
  unlessGone(group, killGroup);
}

function unlessGone(id: number | undefined, end: typeof kill): void {
  // A program that could not be started has none.
  if (id === undefined) return;
  try {
    end(id, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function validated(id: number | undefined, what: string): number {
  if (id === undefined || !Number.isSafeInteger(id) || id <= 1 || id > 2 ** 31 - 1) {
    throw new Error(`${String(id)} is not the ${what} of anything that a test has started`);
  }
  return id;
}

/** proc_pid_stat(5): the third field after the command's name, which may hold anything. */
function ownGroup(): number {
  const stat = fs.readFileSync('/proc/self/stat', 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')')).split(' ')[3]);
}
