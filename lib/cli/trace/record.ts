import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unsupported } from '../../base/errors/SignalError.js';
import { besideAddon } from '../../base/native/load.js';
import { assemble, millisecondsSince } from './assemble.js';
import { runCommand } from './command.js';
import { closeLog, createLog, readLog, type RawRecord } from './log.js';
import { merge } from './merge.js';
import type { Trace, TracedProcess } from './model.js';
import { ownersOf } from './owners.js';
import type { Progress } from './Progress.js';
import { parseStrace } from './strace.js';
import { underStrace } from './underStrace.js';
import { warningsOf } from './warnings.js';
import { processText } from './words.js';

export interface RecordOptions {
  /** Watch its system calls too, by strace(1). */
  syscalls: boolean;
  progress: Progress;
}

/**
 * Runs a command to its end and tells what it, and all that it started, changed.
 * @throws ERR_UNSUPPORTED, and the system's error when the command cannot be started
 */
export async function record(command: readonly string[], options: RecordOptions): Promise<Trace> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sigbridge-trace-'));
  try {
    // Children may run as another user: they know the name, which nobody can list.
    chmodSync(folder, 0o711);
    const log = path.join(folder, randomUUID());
    createLog(log);
    const variables = preloading(log, folder);
    const started = new Date();
    const start = process.hrtime.bigint();
    const { exit, lines } = options.syscalls
      ? await underStrace(command, variables, folder)
      : { exit: await runCommand(command, { ...process.env, ...variables }), lines: [] };
    const duration = millisecondsSince(start, process.hrtime.bigint());
    closeLog(log);
    const { progress } = options;
    progress.begin();
    const { records, dropped } = readLog(log, progress);
    const calls = parseStrace(lines, progress);
    const seen = merge(records, calls, progress);
    const { processes, changes } = assemble(seen, start, progress);
    return {
      command: [...command],
      started: started.toISOString(),
      duration,
      exit,
      processes,
      changes,
      owners: ownersOf(processes, changes),
      warnings: warningsOf(processes, changes),
      dropped,
      notes: notesOf(processes, options.syscalls ? calls : null),
    };
  } finally {
    options.progress.end();
    rmSync(folder, { recursive: true });
  }
}

/** @param calls what strace saw; `null` where it was not asked */
function notesOf(processes: TracedProcess[], calls: RawRecord[] | null): string[] {
  // It sees at least how the command was started.
  if (calls?.length === 0) return [NOT_PERMITTED];
  if (processes.length === 0) return [NOT_LOADED];
  return processes
    .filter(({ preloaded, how }) => !preloaded && how === 'exec')
    .map(
      (one) =>
        `Of ${processText(one)} only the system calls were seen: nothing is preloaded there.`,
    );
}

const NOT_PERMITTED =
  'System calls are not in this record: strace could not watch the command. In a container that takes ' +
  'the capability SYS_PTRACE; elsewhere see kernel.yama.ptrace_scope.';

const NOT_LOADED =
  'Nothing is known of this command: the library that watches it was not loaded into it. It may run ' +
  'with privileges (setuid, file capabilities), be statically linked, or clear its environment. ' +
  'With --syscalls its system calls are watched instead.';

function preloading(log: string, folder: string): Record<string, string> {
  const before = process.env['LD_PRELOAD'] ?? '';
  const library = loadable(preloadLibrary(), folder);
  return {
    LD_PRELOAD: before === '' ? library : `${library}:${before}`,
    SIGBRIDGE_TRACE: log,
  };
}

// Blanks and colons divide the names in LD_PRELOAD, and nothing quotes them: ld.so(8).
function loadable(library: string, folder: string): string {
  if (!/[\s:]/.test(library)) return library;
  const link = path.join(folder, 'preload.so');
  symlinkSync(library, link);
  return link;
}

/** @throws ERR_UNSUPPORTED */
function preloadLibrary(): string {
  if (process.platform !== 'linux') throw unsupported("'sigbridge trace'", 'it needs Linux');
  const library = besideAddon('preload');
  if (!existsSync(library)) throw unsupported("'sigbridge trace'", `${library} is missing`);
  return library;
}
