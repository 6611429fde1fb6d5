import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');

/** The command as npm links it. */
export const SIGBRIDGE = path.join(ROOT, 'bin/sigbridge');
/** What `sigbridge run` leads to. */
export const LAUNCHER = path.join(ROOT, 'build/Release/sigbridge-run');

/** Ways to get to the launcher; those that keep what was ignored come first. */
export const WAYS = {
  directly: [LAUNCHER],
  'by the command': [SIGBRIDGE, 'run'],
  'by the command in bash': ['bash', SIGBRIDGE, 'run'],
  'by node': [process.execPath, SIGBRIDGE, 'run'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export interface Result {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. */
export function toEnd(words: readonly string[], env: NodeJS.ProcessEnv = {}): Result {
  const [command = '', ...argv] = words;
  const { status, signal, stdout, stderr } = spawnSync(command, argv, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, signal, stdout, stderr };
}

/** A word for a shell: the checkout may lie in a folder with spaces in its name. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
