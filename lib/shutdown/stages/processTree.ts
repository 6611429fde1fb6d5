import { readdirSync, readFileSync } from 'node:fs';
import { SignalError } from '../../base/errors/SignalError.js';
import { sendAnyhow } from '../../core/anywhere/send.js';

interface Entry {
  parent: number;
  /** In clock ticks since boot: a pid that was given to another process has another one. */
  started: string;
}

/**
 * @internal The processes below one, which is not counted itself. Those that are known stay known when
 * their parent ends and init takes them over. Where there is no /proc, none is known.
 */
export class ProcessTree {
  #root: number | null;
  readonly #known = new Map<number, string>();

  constructor(root: number) {
    this.#root = root;
    this.look();
  }

  /** The root has ended: its pid may be given to another process. */
  forgetRoot(): void {
    this.#root = null;
  }

  /** Learns of those that have been started since. */
  look(): void {
    this.living();
    const entries = readEntries();
    const isBelow = (pid: number): boolean => pid === this.#root || this.#known.has(pid);
    for (let before = -1; before !== this.#known.size;) {
      before = this.#known.size;
      for (const [pid, { parent, started }] of entries) {
        if (isBelow(parent) && !isBelow(pid)) this.#known.set(pid, started);
      }
    }
  }

  /** Those that live still. */
  living(): number[] {
    for (const [pid, started] of this.#known) {
      if (readEntry(pid)?.started !== started) this.#known.delete(pid);
    }
    return [...this.#known.keys()];
  }

  /** Sends it to those that live. */
  signal(signal: number): void {
    for (const pid of this.living()) sendTo(pid, signal);
  }
}

/** @internal Unless it has ended just now. */
export function sendTo(pid: number, signal: number): void {
  try {
    sendAnyhow(pid, signal);
  } catch (error) {
    if (!(error instanceof SignalError && error.code === 'ERR_NO_SUCH_PROCESS')) throw error;
  }
}

function readEntries(): Map<number, Entry> {
  const entries = new Map<number, Entry>();
  for (const name of listOf('/proc')) {
    const pid = Number(name);
    const entry = Number.isInteger(pid) ? readEntry(pid) : null;
    if (entry !== null) entries.set(pid, entry);
  }
  return entries;
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

// proc_pid_stat(5): state, parent and start time, behind a command that may hold anything. A zombie has ended.
function readEntry(pid: number): Entry | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parent, started = ''] = [fields[0], Number(fields[1]), fields[19]];
    return state === 'Z' || state === 'X' ? null : { parent, started };
  } catch {
    return null;
  }
}
