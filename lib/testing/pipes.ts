import { spawn } from 'node:child_process';
import type { Exit } from '../core/children/deaths.js';

/** @internal Where a process reads and writes. */
export interface Connection {
  /** Of what was started: the command itself, or what stands before it. */
  readonly pid: number;
  readonly exit: Promise<Exit>;
  write(text: string): void;
  /** No more input. */
  end(): void;
}

/** @internal */
export interface Listeners {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** @internal */
export interface Place {
  cwd: string | undefined;
  env: NodeJS.ProcessEnv;
}

/** @internal Starts a command with three pipes. Rejects as `spawn` does */
export async function startOnPipes(
  words: readonly string[],
  place: Place,
  listeners: Listeners,
): Promise<Connection> {
  const [command = '', ...argv] = words;
  const child = spawn(command, argv, { ...place, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8').on('data', listeners.stdout);
  child.stderr.setEncoding('utf8').on('data', listeners.stderr);
  // Whoever is written to may have ended.
  child.stdin.on('error', () => undefined);
  const exit = new Promise<Exit>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return {
    pid: child.pid ?? 0,
    exit,
    write: (text) => void child.stdin.write(text),
    end: () => void child.stdin.end(),
  };
}
