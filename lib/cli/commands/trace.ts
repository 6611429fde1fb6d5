import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { show } from '../../base/errors/show.js';
import type { Trace } from '../trace/model.js';
import type { Progress } from '../trace/Progress.js';
import type { RecordOptions } from '../trace/record.js';
import { EXIT, UsageError, type Command, type Io } from '../Command.js';
import { parse } from '../args.js';

/** What a shell answers for a command that it cannot start. */
const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

/** `sigbridge trace`: who changes which signal, from outside, in any program. */
export const command: Command = {
  name: 'trace',
  summary: 'run a command, and tell who changes what its signals do',
  help: `Usage: sigbridge trace [options] -- <command> [arguments]

Runs a command and writes to standard error, when it has ended, each change of
a signal's disposition, of a thread's mask and of its alternate stack: when, in
which thread, by which call, from what to what, and whose code made it; with
the JavaScript stack where the program has loaded sigbridge. Then who owns each
signal, and warnings. Children are followed. Ends as the command ends, by the
same exit code or by the same signal; signals are passed on to it.

Options:
  --syscalls       also what is done without the C library (Go, statically linked
                   programs), by strace, which makes each change slow
  --all            calls too that left all as it was
  --json           as JSON
  --report <file>  a timeline, as a page of HTML that needs nothing else, instead
  --input <file>   no command: what --json --output has written before
  --output <file>  into a file instead of standard error
  -h, --help       this text
`,
  async run(args, io) {
    const { values, positionals } = parse(args, {
      all: { type: 'boolean' },
      json: { type: 'boolean' },
      output: { type: 'string' },
      syscalls: { type: 'boolean' },
      report: { type: 'string' },
      input: { type: 'string' },
    });
    requireWritable('report', values.report);
    requireWritable('output', values.output);
    const { Progress } = await import('../trace/Progress.js');
    const progress = Progress.toStandardError();
    const { input, syscalls = false } = values;
    const trace = await obtain(input, positionals, { syscalls, progress }, io);
    if (typeof trace === 'number') return trace;
    const page = values.report;
    if (page !== undefined) await writePage(trace, page);
    // Who wants the page alone need not have the text too.
    if (page === undefined || values.json === true || values.output !== undefined) {
      const form = { json: values.json === true, all: values.all === true, color: io.color };
      write(values.output, await rendered(trace, form, progress), io);
      progress.end();
    }
    if (input !== undefined) return EXIT.ok;
    return endAs(trace.exit);
  },
};

// Before the command runs: what it did could not be told afterwards.
function requireWritable(option: string, file: string | undefined): void {
  if (file === undefined) return;
  try {
    const exists = existsSync(file);
    if (exists && statSync(file).isDirectory()) throw new Error('it is a directory');
    accessSync(exists ? file : dirname(file), constants.W_OK);
  } catch (error) {
    const why = (error as Error).message;
    throw new UsageError(`Invalid ${option}: ${show(file)}; expected a file to write (${why}).`);
  }
}

/** From a file that an earlier run has written, or from a command; a number is the exit code. */
async function obtain(
  input: string | undefined,
  words: string[],
  options: RecordOptions,
  io: Io,
): Promise<Trace | number> {
  if (input !== undefined) {
    if (words.length > 0)
      throw new UsageError('--input takes no command: it has been run already.');
    return readTrace(input, options.progress);
  }
  if (words.length === 0) throw new UsageError("'trace' takes a command, after '--'.");
  if (!options.syscalls) await refuseWhatCannotBeSeen(words);
  const { record } = await import('../trace/record.js');
  try {
    return await record(words, options);
  } catch (error) {
    return notStarted(error as NodeJS.ErrnoException, words, io);
  }
}

const LISTS = ['processes', 'changes', 'owners', 'warnings', 'notes'] as const;

async function readTrace(file: string, progress: Progress): Promise<Trace> {
  const { parseJson } = await import('../trace/json.js');
  progress.begin();
  try {
    const trace = (await parseJson(file, progress)) as Trace | null;
    // What was cut off lacks the last of them.
    if (LISTS.every((list) => Array.isArray(trace?.[list])) && trace !== null) return trace;
  } catch (error) {
    throw new UsageError(`Invalid input: ${(error as Error).message}.`);
  } finally {
    progress.end();
  }
  throw new UsageError(`Invalid input: ${show(file)}; expected what --json has written.`);
}

async function writePage(trace: Trace, file: string): Promise<void> {
  const { pageOf } = await import('../trace/html.js');
  writeFileSync(file, pageOf(trace));
}

async function refuseWhatCannotBeSeen([name = '']: string[]): Promise<void> {
  const { whyNotPreloadable } = await import('../trace/preloadable.js');
  const why = whyNotPreloadable(name);
  if (why === null) return;
  const { unsupported } = await import('../../base/errors/SignalError.js');
  throw unsupported(`Tracing ${name} without --syscalls`, why);
}

function notStarted(error: NodeJS.ErrnoException, [name = '']: string[], io: Io): number {
  if (error.syscall?.startsWith('spawn') !== true) throw error;
  io.err(`sigbridge: ${name} cannot be run: ${error.message}.\n`);
  return error.code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE;
}

function write(file: string | undefined, text: Iterable<string>, io: Io): void {
  if (file === undefined) {
    for (const piece of text) io.err(piece);
    return;
  }
  const descriptor = openSync(file, 'w');
  try {
    for (const piece of text) writeFileSync(descriptor, piece);
  } finally {
    closeSync(descriptor);
  }
}

async function rendered(
  trace: Trace,
  { json, all, color }: { json: boolean; all: boolean; color: boolean },
  progress: Progress,
): Promise<Iterable<string>> {
  if (json) {
    const { jsonOf } = await import('../trace/json.js');
    progress.begin();
    return jsonOf(trace, progress);
  }
  const { textOf } = await import('../trace/text.js');
  return [textOf(trace, all, color)];
}

async function endAs({ code, signal }: Trace['exit']): Promise<number> {
  if (signal === null) return code ?? EXIT.ok;
  const { exitBySignal } = await import('../../core/lowlevel/exit.js');
  return exitBySignal(signal);
}
