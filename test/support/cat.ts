import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { onTestEnd } from './cleanup';
import { guarded } from './guard';
import { killQuietly } from './kill';

/** A `cat` that was started by these command words, and is running by now; ended by its stdin. */
export interface Cat {
  pid: number;
  closed: Promise<unknown[]>;
  end: () => void;
}

/** Starts `cat` by `launcher`, words to be put before it. It does not outlive the test. */
export async function cat(launcher: readonly [string, ...string[]]): Promise<Cat> {
  const [command, ...argv] = launcher;
  const child = spawn(command, [...argv, 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  onTestEnd(() => {
    killQuietly(pid);
  });
  const closed = once(child, 'close');
  child.stdin.write('x');
  await guarded(once(child.stdout, 'data'), () => 'cat to answer');
  return { pid, closed, end: () => child.stdin.end() };
}
