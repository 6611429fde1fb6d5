import { readFileSync } from 'node:fs';
import { unsupported } from '../../base/errors/SignalError.js';
import { namesOf } from '../../base/signal/names.js';

/** @internal The fields of a process or thread: proc_pid_status(5). */
export interface Status {
  text(field: string): string;
  /** A set of signals, as names. */
  set(field: string): string[];
}

/** @internal `folder` is a process's or a thread's, below /proc. @throws as fs does */
export function readStatus(folder: string): Status {
  const fields = new Map<string, string>();
  for (const line of readFileSync(`${folder}/status`, 'utf8').split('\n')) {
    const colon = line.indexOf(':');
    fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const text = (field: string): string => {
    const value = fields.get(field);
    // Some sandboxes imitate /proc without the signals.
    if (value === undefined) throw unsupported('Reading a process', `its status has no ${field}`);
    return value;
  };
  return { text, set: (field) => namesOf(BigInt(`0x${text(field)}`)) };
}
