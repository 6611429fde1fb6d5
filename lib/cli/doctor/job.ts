import { SignalError } from '../../base/errors/SignalError.js';
import { toNumber } from '../../base/signal/names.js';
import { readStat } from '../../core/look/stat.js';
import { pidsWhere, readTable } from './facts/processTable.js';
import { requireOwnProc } from './facts/ownProc.js';
import { readTerminal } from './facts/terminal.js';
import { Inquiry, type DiagnoseOptions, type Diagnosis } from './diagnose.js';

/** What the current terminal's keys go to. */
interface Job {
  terminal: string;
  group: number;
  /** Its members, without this process and those above it that only wait for it. */
  pids: number[];
}

/**
 * The foreground job of the terminal that controls this process: tcgetpgrp(3).
 * @throws ERR_UNSUPPORTED without a terminal, or when nobody but this command is in its foreground
 */
function foregroundJob(): Job {
  requireOwnProc();
  const own = readStat('self');
  const terminal = readTerminal(process.pid, own.terminal);
  if (terminal === null) throw nobody('this command has no controlling terminal');
  const table = readTable();
  const waiting = new Set<number>();
  for (let pid = process.pid; pid > 0; pid = table.get(pid)?.parent ?? 0) waiting.add(pid);
  const isOurs = own.group === own.foreground;
  const members = pidsWhere(table, ({ group, state }) => group === own.foreground && state !== 'Z');
  const pids = members.filter((pid) => !isOurs || !waiting.has(pid));
  if (pids.length === 0) {
    throw nobody(`nobody but this command is in the foreground of ${terminal.path}`);
  }
  return { terminal: terminal.path, group: own.foreground, pids };
}

/**
 * The foreground job, and what the signal does to each of its members.
 * @throws as {@link foregroundJob} and as `diagnose` does
 */
export async function diagnoseJob(
  options: DiagnoseOptions,
): Promise<Omit<Job, 'pids'> & { processes: Diagnosis[] }> {
  const { pids, ...job } = foregroundJob();
  const inquiry = new Inquiry(toNumber(options.signal ?? 'SIGINT'), options.by);
  const found = await Promise.all(pids.map((pid) => inquiry.ask(pid)));
  const processes = found.filter(({ causes }) => !causes.some(({ rule }) => ENDED.has(rule)));
  if (processes.length === 0) throw nobody('it has ended meanwhile');
  return { ...job, processes };
}

// Of a job that starts one program after the other, some are gone when it is their turn.
const ENDED: ReadonlySet<string> = new Set(['no-such-process', 'zombie']);

function nobody(reason: string): SignalError {
  return new SignalError(
    'ERR_UNSUPPORTED',
    `There is no foreground job to look at: ${reason}. Give a pid, or run it in the background of the ` +
      'job: (sleep 5; sigbridge doctor) & COMMAND',
  );
}
