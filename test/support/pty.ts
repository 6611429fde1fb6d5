import { toNumber } from '../../lib/base/signal/names';
import { startOnTerminal } from '../../lib/testing/terminal';
import { Transcript } from '../../lib/testing/Transcript';
import { onTestEnd } from './cleanup';
import { GUARD_MS, guarded } from './guard';
import { killQuietly } from './kill';

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
  command: readonly [string, ...string[]],
  options: TerminalOptions = {},
): Terminal {
  return new Terminal(command, options);
}

/** The terminal of `sigbridge/testing`, there at once and as long as the test. */
export class Terminal {
  readonly #transcript = new Transcript(GUARD_MS);
  readonly #terminal;
  readonly #exit: Promise<TerminalExit>;
  #ended = false;

  /** @internal */
  constructor(command: readonly string[], options: TerminalOptions) {
    const { cols = 80, rows = 24, cwd = process.cwd(), env } = options;
    const place = { cwd, env: { ...process.env, ...env } };
    const listener = (text: string): void => {
      this.#transcript.add(text);
    };
    const listeners = { stdout: listener, stderr: listener };
    this.#terminal = startOnTerminal(command, { cols, rows }, place, listeners);
    this.#exit = this.#terminal.exit.then(({ code, signal }) => {
      this.#ended = true;
      this.#transcript.close();
      return { code: code ?? 0, signal: signal === null ? 0 : toNumber(signal) };
    });
    onTestEnd(() => {
      if (!this.#ended) killQuietly(this.pid);
    });
  }

  get pid(): number {
    return this.#terminal.pid;
  }

  /** All that the terminal showed so far, lines ended by `\r\n`. */
  get output(): string {
    return this.#transcript.text;
  }

  get exit(): Promise<TerminalExit> {
    return guarded(this.#exit, () => `the program's end; it wrote:\n${this.output}`);
  }

  /** Types `text`; the terminal itself turns `CTRL_C` and the like into signals. */
  write(text: string): void {
    this.#terminal.write(text);
  }

  /**
   * The kernel sends `SIGWINCH` to the foreground process group when the size changes; Linux does
   * so just before the new size can be read (`pty_resize` in drivers/tty/pty.c).
   */
  resize(cols: number, rows: number): void {
    this.#terminal.resize({ cols, rows });
  }

  /** Closes the other side, as a terminal window that is shut: the kernel sends `SIGHUP`. */
  hangUp(): void {
    this.#terminal.hangUp();
  }

  /** The first match after that of the previous `waitFor`. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#transcript.waitFor(pattern);
  }
}
