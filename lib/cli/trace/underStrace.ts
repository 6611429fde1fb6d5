import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { unsupported } from '../../base/errors/SignalError.js';
import type { Exit } from '../../core/children/deaths.js';
import { runCommand } from './command.js';
import { findExecutable } from './preloadable.js';
import { STRACE_OPTIONS, tellsEndOf } from './strace.js';

/**
 * Runs a command to its end as `runCommand` does, with strace(1) watching.
 * @returns `lines`: what it wrote, for `parseStrace`
 * @param variables added to the command's environment, not to that of strace
 * @throws ERR_UNSUPPORTED where strace is missing
 */
export async function underStrace(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
  folder: string,
): Promise<{ exit: Exit; lines: string[] }> {
  if (findExecutable('strace') === null) {
    throw unsupported(
      'Watching system calls',
      'strace is not installed (apt-get install strace, dnf install strace, apk add strace)',
    );
  }
  const [name = ''] = command;
  // strace would say it in its own words, and end with 1.
  if (findExecutable(name) === null)
    return { exit: await runCommand(command, process.env), lines: [] };
  const pipe = new Pipe(path.join(folder, 'strace'));
  try {
    const set = Object.entries(variables).flatMap(([key, value]) => ['-E', `${key}=${value}`]);
    const argv = ['strace', ...STRACE_OPTIONS, ...set, '-o', pipe.path, '--', ...command];
    const exit = await runCommand(argv, process.env, (pid) => {
      pipe.endsWith(pid);
    });
    return { exit, lines: await pipe.linesUntilEnd() };
  } finally {
    pipe.close();
  }
}

// proc_pid_status(5), "TracerPid"; `null` when the process has ended already.
function tracerOf(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(/^TracerPid:\t(\d+)$/m.exec(status)?.[1] ?? 0) || null;
  } catch {
    return null;
  }
}

/** A named pipe: it ends when strace does, which is after the command. */
class Pipe {
  readonly #lines: string[] = [];
  readonly #socket: Socket;
  readonly #ended: Promise<void>;
  // Until strace has opened it too: a pipe that nobody writes to is at its end.
  #own: number | null;
  #pid = 0;
  #tracer: number | null = null;

  constructor(readonly path: string) {
    execFileSync('mkfifo', ['-m', '600', path]);
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.#own = openSync(path, constants.O_WRONLY);
    this.#socket = new Socket({ fd, readable: true, writable: false });
    const lines = createInterface({ input: this.#socket });
    this.#ended = new Promise((resolve) => {
      lines.on('line', (line) => {
        this.#letGo();
        this.#lines.push(line);
        this.#tracer ??= tracerOf(parseInt(line, 10));
        // Others that were started may go on for ever, and without strace then.
        if (tellsEndOf(this.#pid, line)) this.#detach();
      });
      lines.on('close', resolve);
    });
  }

  /** The command's process: what comes after its end is not waited for. */
  endsWith(pid: number): void {
    this.#pid = pid;
  }

  async linesUntilEnd(): Promise<string[]> {
    this.#letGo();
    await this.#ended;
    return this.#lines;
  }

  close(): void {
    this.#letGo();
    this.#socket.destroy();
  }

  // strace lets go of whom it watches, and ends: strace(1), "SIGTERM".
  #detach(): void {
    try {
      if (this.#tracer !== null) process.kill(this.#tracer, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  }

  #letGo(): void {
    if (this.#own !== null) closeSync(this.#own);
    this.#own = null;
  }
}
