import { send } from '../core/lowlevel/send.js';
import type { SignalName } from '../base/signal/names.js';
import type { Exit } from '../core/children/deaths.js';
import type { Connection } from './pipes.js';
import type { TerminalConnection, TerminalSize } from './terminal.js';
import { Transcript } from './Transcript.js';
import type { WaitOptions } from './until.js';

/** @internal What a process has written. */
export interface Written {
  readonly all: Transcript;
  stderr: string;
}

/** A process under test. */
export class TestProcess implements AsyncDisposable {
  /** As this process sees it, also where the command itself is 1 in a namespace of its own. */
  readonly pid: number;
  /** How it ended, when all it wrote has been read. Never rejects. */
  readonly exit: Promise<Exit>;
  readonly #connection: Connection;
  readonly #written: Written;
  #ended: Exit | null = null;

  /** @internal */
  constructor(pid: number, connection: Connection, exit: Promise<Exit>, written: Written) {
    this.pid = pid;
    this.#connection = connection;
    this.#written = written;
    this.exit = exit;
    void exit.then((known) => (this.#ended = known));
  }

  /** All that it wrote so far, in the order in which it came; on a terminal, lines end in `\r\n`. */
  get output(): string {
    return this.#written.all.text;
  }

  /** What of it came on standard error; empty on a terminal, which knows no difference. */
  get stderr(): string {
    return this.#written.stderr;
  }

  /** How it ended; `null` while it lives. */
  get ended(): Exit | null {
    return this.#ended;
  }

  /**
   * The first match in its output after that of the previous `waitFor`.
   * @throws ERR_TIMEOUT, with all that it wrote; also when it ends before
   */
  async waitFor(pattern: RegExp, options?: WaitOptions): Promise<RegExpExecArray> {
    return this.#written.all.waitFor(pattern, options);
  }

  /** Writes to its standard input, or types. A terminal turns `'\x03'` into SIGINT. */
  write(text: string): void {
    this.#connection.write(text);
  }

  /** No more input: closes the pipe, or types Ctrl+D. */
  end(): void {
    this.#connection.end();
  }

  /** Sends a signal, and does not wait; see `deliver`. Errors as `send`. */
  kill(signal: SignalName | number = 'SIGTERM'): void {
    send(this.pid, signal);
  }

  /** Kills it, if it still lives, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    killIfAlive(this.pid, this.#ended);
    // What stands before it goes with it, or may be all that there is.
    killIfAlive(this.#connection.pid, this.#ended);
    await this.exit;
  }
}

/** A process under test on a pseudo-terminal. */
export class TerminalProcess extends TestProcess {
  readonly #terminal: TerminalConnection;

  /** @internal */
  constructor(pid: number, terminal: TerminalConnection, exit: Promise<Exit>, written: Written) {
    super(pid, terminal, exit, written);
    this.#terminal = terminal;
  }

  /** The kernel sends SIGWINCH to the foreground process group. */
  resize(size: TerminalSize): void {
    this.#terminal.resize(size);
  }

  /** Closes the other side, as a window that is shut: the kernel sends SIGHUP. */
  hangUp(): void {
    this.#terminal.hangUp();
  }
}

function killIfAlive(pid: number, ended: Exit | null): void {
  if (ended !== null) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
