import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { readOptions } from '../base/errors/options.js';
import { unsupported } from '../base/errors/SignalError.js';
import { toName } from '../base/signal/names.js';
import type { Exit } from '../core/children/deaths.js';
import type { Connection, Listeners, Place } from './pipes.js';

/** A terminal's size, in characters. */
export interface TerminalSize {
  /** Columns. */
  cols?: number;
  /** Lines. */
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
    onExit(listener: (exit: { exitCode: number; signal?: number }) => void): void;
    write(text: string): void;
    resize(cols: number, rows: number): void;
    readonly _socket: Socket;
    readonly _fd: number;
  };
}

const CTRL_D = '\x04';
const BUN_LOOKS_AGAIN_MS = 10;

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
  // node-pty writes by the number of the file, and in Deno's fs that is not the system's.
  const writer = process.versions['deno'] === undefined ? terminal : terminal._socket;
  const write = (text: string): void => {
    writer.write(text);
  };
  let hungUp = false;
  readWhole(terminal, listeners.stdout, () => !hungUp);
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
    write,
    end: () => {
      write(CTRL_D);
    },
    resize: (next) => {
      ({ cols = cols, rows = rows } = readOptions(next, kinds) as TerminalSize);
      terminal.resize(cols, rows);
    },
    hangUp: () => {
      hungUp = true;
      // Not node-pty's own destroy(), which sends a second SIGHUP by kill(2).
      terminal._socket.destroy();
    },
  };
}

/**
 * libuv takes a hang-up that comes with a short read for the end, but a terminal gives no more than 4,095
 * bytes at once, and node-pty waits 200 ms and no longer: the rest is read before the descriptor goes.
 */
function readWhole(
  { _socket: socket, _fd: fd }: Pick<ReturnType<NodePty['spawn']>, '_socket' | '_fd'>,
  listener: (text: string) => void,
  wanted: () => boolean,
): void {
  const decoder = new StringDecoder('utf8');
  // Bytes as they are: a character may begin in one read and end in another.
  socket.setEncoding('latin1').on('data', (bytes: string) => {
    listener(decoder.write(Buffer.from(bytes, 'latin1')));
  });
  const destroy = socket._destroy.bind(socket);
  socket._destroy = (error, done) => {
    const { bytes, more } = wanted() ? readRest(fd) : { bytes: Buffer.alloc(0), more: false };
    listener(decoder.write(bytes));
    // Bun takes "nothing yet" for an error, and would hang up on the program.
    if (more && error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
      setTimeout(() => {
        socket._destroy(error, done);
      }, BUN_LOOKS_AGAIN_MS);
      return;
    }
    listener(decoder.end());
    destroy(error, done);
  };
}

/** What can be read now; `more`: whether more may come. */
function readRest(fd: number): { bytes: Buffer; more: boolean } {
  const parts: Buffer[] = [];
  let more = false;
  try {
    for (;;) {
      const part = Buffer.alloc(4096);
      const bytes = readSync(fd, part);
      if (bytes === 0) break;
      parts.push(part.subarray(0, bytes));
    }
  } catch (error) {
    // Not so with EIO: nobody has the terminal open any more.
    more = (error as NodeJS.ErrnoException).code === 'EAGAIN';
  }
  return { bytes: Buffer.concat(parts), more };
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
