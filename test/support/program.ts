import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { Bell } from '../../lib/testing/Bell';
import { onTestEnd } from './cleanup';
import { guarded } from './guard';
import { kill, killQuietly } from './kill';

const FOLDER = path.join(__dirname, '../fixtures/programs');
const ROOT = path.join(__dirname, '../..');

export interface ProgramOptions {
  /** For node itself. */
  flags?: readonly string[];
  env?: NodeJS.ProcessEnv;
  node?: string;
}

export interface ProgramExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

/** The path of a program in test/fixtures/programs. */
export function programPath(name: string): string {
  return path.join(FOLDER, name);
}

/** Runs node with these arguments in the package's folder; it does not outlive the test. */
export function node(argv: readonly string[], options: ProgramOptions = {}): Program {
  const { flags = [], env, node: command = process.execPath } = options;
  return new Program(
    spawn(command, [...flags, ...argv], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
}

/** A program that tells by lines how far it is. */
export class Program {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #bell = new Bell();
  readonly #exit: Promise<ProgramExit>;
  #stdout = '';
  #stderr = '';
  #ended = false;

  /** @internal */
  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#bell.ring();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#exit = once(child, 'close').then(([code, signal]) => {
      this.#ended = true;
      this.#bell.ring();
      return {
        code: code as number | null,
        signal: signal as NodeJS.Signals | null,
        stderr: this.#stderr,
      };
    });
    onTestEnd(() => {
      if (!this.#ended) killQuietly(this.pid);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** All that was written to it so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** All whole lines so far. */
  get lines(): readonly string[] {
    return this.#stdout.split('\n').slice(0, -1);
  }

  get stdin(): Writable {
    return this.#child.stdin;
  }

  get exit(): Promise<ProgramExit> {
    return guarded(this.#exit, () => `the program's end\n${this.#story()}`);
  }

  /** Resolves when the program has written this line so many times. */
  async line(text: string, times = 1): Promise<void> {
    const seen = async (): Promise<void> => {
      while (this.count(text) < times) {
        if (this.#ended) throw new Error(`the program ended before '${text}'\n${this.#story()}`);
        await this.#bell.rung();
      }
    };
    await guarded(seen(), () => `${String(times)} times the line '${text}'\n${this.#story()}`);
  }

  count(text: string): number {
    return this.lines.filter((line) => line === text).length;
  }

  kill(signal: NodeJS.Signals | number): void {
    kill(this.pid, signal);
  }

  #story(): string {
    return `stdout: ${this.#stdout}\nstderr: ${this.#stderr}`;
  }
}
