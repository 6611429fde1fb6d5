import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

import { onTestEnd } from './cleanup';
import { until } from './kernel';

export interface Unread {
  child: ChildProcess;
  stdout: Readable | undefined;
  stderr: Readable | undefined;
  /** It has reported this, on descriptor 3. */
  told: (word: string) => Promise<void>;
}

/** Starts a program whose standard output and error nobody reads: not before the test does. */
export function startUnread([command, ...argv]: readonly [string, ...string[]]): Unread {
  const child = spawn(command, argv, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  onTestEnd(() => {
    child.kill('SIGKILL');
    for (const stream of child.stdio) stream?.destroy();
  });
  const [, stdout, stderr, reports] = child.stdio as Readable[];
  let text = '';
  reports?.on('data', (chunk) => (text += String(chunk)));
  const told = (word: string): Promise<void> => until(() => text.includes(word), word);
  return { child, told, stdout, stderr };
}
