import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { show } from '../base/errors/show.js';
import { SignalError, type SignalErrorCode } from '../base/errors/SignalError.js';
import { isColored } from './colored.js';
import { EXIT, HelpRequested, UsageError, type Command, type Io } from './Command.js';

/** Loaded when asked for: to print help, neither the addon nor the other commands are needed. */
const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  doctor: () => import('./commands/doctor.js'),
  inspect: () => import('./commands/inspect.js'),
  list: () => import('./commands/list.js'),
  run: () => import('./commands/run.js'),
  send: () => import('./commands/send.js'),
  tree: () => import('./commands/tree.js'),
  trace: () => import('./commands/trace.js'),
  watch: () => import('./commands/watch.js'),
};

/** Errors by which a call says that the arguments were wrong, rather than that the system refused. */
const USAGE_CODES = new Set<SignalErrorCode>([
  'ERR_INVALID_ARG',
  'ERR_UNKNOWN_SIGNAL',
  'ERR_RESERVED_SIGNAL',
]);

async function main(args: string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  switch (name) {
    case undefined:
      io.err(await globalHelp());
      return EXIT.usage;
    case '-h':
    case '--help':
      io.out(await globalHelp());
      return EXIT.ok;
    case '-v':
    case '--version':
      io.out(`${version()}\n`);
      return EXIT.ok;
    default:
      return dispatch(name, rest, io);
  }
}

async function dispatch(name: string, args: string[], io: Io): Promise<number> {
  if (!Object.hasOwn(COMMANDS, name)) {
    const kind = name.startsWith('-') ? 'option' : 'command';
    return complain(io, `Unknown ${kind} ${show(name)}.`, 'sigbridge --help');
  }
  const { command } = await load(name);
  try {
    return await command.run(args, io);
  } catch (error) {
    if (error instanceof HelpRequested) {
      io.out(command.help);
      return EXIT.ok;
    }
    return explain(error, command, io);
  }
}

function explain(error: unknown, command: Command, io: Io): number {
  const isSignalError = error instanceof SignalError;
  if (error instanceof UsageError || (isSignalError && USAGE_CODES.has(error.code))) {
    return complain(io, error.message, `sigbridge ${command.name} --help`);
  }
  if (!isSignalError) throw error;
  io.err(`sigbridge: ${error.message}\n`);
  return EXIT.refused;
}

function complain(io: Io, message: string, help: string): number {
  io.err(`sigbridge: ${message}\nTry '${help}'.\n`);
  return EXIT.usage;
}

async function globalHelp(): Promise<string> {
  const commands = await Promise.all(Object.keys(COMMANDS).map(load));
  const lines = commands.map(({ command }) => `  ${command.name.padEnd(10)}${command.summary}\n`);
  return `Usage: sigbridge <command> [options]

Commands:
${lines.join('')}
Options:
  -h, --help     this text, or a command's with 'sigbridge <command> --help'
  -v, --version  the version of sigbridge

Exit codes: 0 done, 1 the system says no, 2 wrong usage.
`;
}

function load(name: string): Promise<{ command: Command }> {
  const loader = COMMANDS[name];
  if (loader === undefined) throw new UsageError(`Unknown command ${show(name)}.`);
  return loader();
}

function version(): string {
  const manifest = readFileSync(join(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

// Streams are touched when they are used: Node makes a pipe non-blocking for all who share it, which
// a command that becomes another program must not leave behind.
function terminal(): Io {
  return {
    out: (text) => standardOutput().write(text),
    err: (text) => process.stderr.write(text),
    get color() {
      return isColored(process.stdout);
    },
  };
}

function standardOutput(): NodeJS.WriteStream {
  const { stdout } = process;
  // `sigbridge list | head` is no error.
  if (stdout.listenerCount('error', outputFailed) === 0) stdout.on('error', outputFailed);
  return stdout;
}

function outputFailed({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return;
  process.stderr.write(`sigbridge: ${message}\n`);
  process.exit(EXIT.refused);
}

void main(process.argv.slice(2), terminal()).then((code) => {
  process.exitCode = code;
});
