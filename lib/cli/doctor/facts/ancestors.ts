import { readStatus } from '../../../core/look/status.js';
import type { ProcessTable } from './processTable.js';
import { readProgram, type Program } from './program.js';

/** A process above the one in question, or below it. */
export interface Relative extends Program {
  pid: number;
  group: number;
  session: number;
  ignored: readonly string[];
  caught: readonly string[];
}

/** Parent first, up to the first process of all. */
export function ancestorsOf(pid: number, table: ProcessTable): Relative[] {
  const found: Relative[] = [];
  let parent = table.get(pid)?.parent ?? 0;
  while (parent > 0) {
    const relative = readRelative(parent, table);
    if (relative === null) break;
    found.push(relative);
    parent = table.get(parent)?.parent ?? 0;
  }
  return found;
}

/** `null` when it has ended meanwhile, or is hidden. */
export function readRelative(pid: number, table: ProcessTable): Relative | null {
  try {
    const status = readStatus(`/proc/${pid}`);
    return {
      pid,
      group: table.get(pid)?.group ?? 0,
      session: table.get(pid)?.session ?? 0,
      ignored: status.set('SigIgn'),
      caught: status.set('SigCgt'),
      ...readProgram(pid, status.text('Name')),
    };
  } catch {
    return null;
  }
}
