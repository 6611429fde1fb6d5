import * as pty from 'node-pty';

import { Bell } from '../../lib/testing/Bell';
import { killQuietly, onTestEnd } from './cleanup';
import { guarded } from './guard';

export interface TerminalOptions {
  cols?: number;
  rows?: number;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** How a program on a terminal ended: `signal` is 0 where it ended by itself. */
export interface TerminalExit {
  code: number;
  signal: number;
}

/** What a key sends. */
export const CTRL_C = '\x03';
export const CTRL_BACKSLASH = '\x1c';
export const CTRL_Z = '\x1a';

/**
 * Runs a program on a pseudo-terminal of its own, as the leader of its session and with every
 * signal at its default; it does not outlive the test.
 */
export function onTerminal(
  [command, ...argv]: readonly [string, ...string[]],
  options: TerminalOptions = {},
): Terminal {
  const { cols = 80, rows = 24, cwd = process.cwd(), env } = options;
  return new Terminal(
    pty.spawn(command, argv, { cols, rows, cwd, env: { ...process.env, ...env } }),
  );
}

export class Terminal {
  readonly #pty: pty.IPty;
  readonly #bell = new Bell();
  readonly #exit: Promise<TerminalExit>;
  #output = '';
  #searched = 0;
  #ended = false;

  /** @internal */
  constructor(terminal: pty.IPty) {
    this.#pty = terminal;
    terminal.onData((text) => {
      this.#output += text;
      this.#bell.ring();
    });
    this.#exit = new Promise((resolve) => {
      terminal.onExit(({ exitCode, signal = 0 }) => {
        this.#ended = true;
        this.#bell.ring();
        resolve({ code: exitCode, signal });
      });
    });
    onTestEnd(() => {
      if (!this.#ended) killQuietly(terminal.pid);
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  /** All that the terminal showed so far, lines ended by `\r\n`. */
  get output(): string {
    return this.#output;
  }

  get exit(): Promise<TerminalExit> {
    return guarded(this.#exit, () => `the program's end; it wrote:\n${this.#output}`);
  }

  /** Types `text`; the terminal itself turns `CTRL_C` and the like into signals. */
  write(text: string): void {
    this.#pty.write(text);
  }

  /**
   * The kernel sends `SIGWINCH` to the foreground process group when the size changes; Linux does
   * so just before the new size can be read (`pty_resize` in drivers/tty/pty.c).
   */
  resize(cols: number, rows: number): void {
    this.#pty.resize(cols, rows);
  }

  /** Closes the other side, as a terminal window that is shut: the kernel sends `SIGHUP`. */
  hangUp(): void {
    // Not node-pty's own destroy(), which sends a second SIGHUP by kill(2).
    (this.#pty as pty.IPty & { _socket: { destroy(): void } })._socket.destroy();
  }

  /** The first match after that of the previous `waitFor`. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const found = this.#find(pattern);
    return guarded(found, () => `${String(pattern)} on the terminal; it shows:\n${this.#output}`);
  }

  async #find(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output.slice(this.#searched));
      if (match) {
        this.#searched += match.index + match[0].length;
        return match;
      }
      if (this.#ended) {
        throw new Error(`the program ended before ${String(pattern)}; it wrote:\n${this.#output}`);
      }
      await this.#bell.rung();
    }
  }
}
