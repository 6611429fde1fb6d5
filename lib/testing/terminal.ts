import { readOptions } from '../errors/options.js';
import { unsupported } from '../errors/SignalError.js';
import { toName } from '../signal/names.js';
import type { Exit } from '../children/deaths.js';
import type { Connection, Listeners, Place } from './pipes.js';

/** A terminal's size, in characters. */
export interface TerminalSize {
  cols?: number;
  rows?: number;
}

/** @internal */
export interface TerminalConnection extends Connection {
  resize(size: TerminalSize): void;
  hangUp(): void;
}

/** What is used of node-pty, whose types its user may not have. */
interface NodePty {
  spawn(
    command: string,
    argv: readonly string[],
    options: { cols: number; rows: number; cwd?: string; env: NodeJS.ProcessEnv },
  ): {
    readonly pid: number;
    onData(listener: (text: string) => void): void;
    onExit(listener: (exit: { exitCode: number; signal?: number }) => void): void;
    write(text: string): void;
    resize(cols: number, rows: number): void;
    readonly _socket: { destroy(): void };
  };
}

const CTRL_D = '\x04';

/**
 * @internal Starts a command on a pseudo-terminal of its own, as the leader of its session and with
 * every signal at its default. @throws ERR_UNSUPPORTED, ERR_INVALID_ARG
 */
export function startOnTerminal(
  [command = '', ...argv]: readonly string[],
  size: true | TerminalSize,
  { cwd, env }: Place,
  listeners: Listeners,
): TerminalConnection {
  const kinds = { cols: 'number', rows: 'number' } as const;
  let { cols = 80, rows = 24 } = readOptions(size === true ? {} : size, kinds) as TerminalSize;
  const place = cwd === undefined ? { env } : { cwd, env };
  const terminal = nodePty().spawn(command, argv, { cols, rows, ...place });
  terminal.onData(listeners.stdout);
  const exit = new Promise<Exit>((resolve) => {
    terminal.onExit(({ exitCode, signal = 0 }) => {
      resolve(
        signal === 0 ? { code: exitCode, signal: null } : { code: null, signal: toName(signal) },
      );
    });
  });
  return {
    pid: terminal.pid,
    exit,
    write: (text) => {
      terminal.write(text);
    },
    end: () => {
      terminal.write(CTRL_D);
    },
    resize: (next) => {
      ({ cols = cols, rows = rows } = readOptions(next, kinds) as TerminalSize);
      terminal.resize(cols, rows);
    },
    hangUp: () => {
      // Not node-pty's own destroy(), which sends a second SIGHUP by kill(2).
      terminal._socket.destroy();
    },
  };
}

function nodePty(): NodePty {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- only who wants a terminal needs it
    return require('node-pty') as NodePty;
  } catch (error) {
    throw unsupported(
      'A terminal',
      "the package node-pty cannot be loaded; 'npm install node-pty'",
      error,
    );
  }
}
