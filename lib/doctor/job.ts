import { SignalError } from '../errors/SignalError.js';
import { readStat } from '../look/stat.js';
import { pidsWhere, readTable } from './facts/processTable.js';
import { requireOwnProc } from './facts/ownProc.js';
import { readTerminal } from './facts/terminal.js';

/** What the current terminal's keys go to. */
export interface Job {
  terminal: string;
  group: number;
  /** Its members, without this process and those above it that only wait for it. */
  pids: number[];
}

/**
 * The foreground job of the terminal that controls this process: tcgetpgrp(3).
 * @throws ERR_UNSUPPORTED without a terminal, or when nobody but this command is in its foreground
 */
export function foregroundJob(): Job {
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

function nobody(reason: string): SignalError {
  return new SignalError(
    'ERR_UNSUPPORTED',
    `There is no foreground job to look at: ${reason}. Give a pid, or run it in the background of the ` +
      'job: (sleep 5; sigbridge doctor) & COMMAND',
  );
}
