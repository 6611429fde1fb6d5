import { closeSync, openSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { addon } from '../../base/native/addon.js';

const { ESRCH } = constants.errno;

/**
 * A process, held so that another one which is given its pid is not taken for it: by a descriptor
 * (pidfd_open(2)), or where the kernel has none (Linux before 5.3) by its open file in /proc, which
 * can be read no more once the process is gone.
 */
export class HeldProcess {
  /** Of pidfd_open; below 0 the errno of its failure, negated. */
  readonly descriptor: number;
  readonly #file: number | null;
  #closed = false;

  constructor(pid: number, open: (pid: number) => number) {
    this.descriptor = open(pid);
    this.#file = this.descriptor >= 0 ? null : statOf(pid);
  }

  /** Whether it still has its pid; one that has ended keeps it until its parent has waited for it. */
  get exists(): boolean {
    if (this.#closed) return false;
    if (this.#file !== null) return isReadable(this.#file);
    if (this.descriptor < 0) return false;
    return addon.signalProcess(this.descriptor, 0, false, undefined) !== ESRCH;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.descriptor >= 0) addon.closeProcess(this.descriptor);
    if (this.#file !== null) closeSync(this.#file);
  }
}

function statOf(pid: number): number | null {
  try {
    return openSync(`/proc/${pid}/stat`, 'r');
  } catch {
    return null;
  }
}

function isReadable(file: number): boolean {
  try {
    return readSync(file, Buffer.alloc(1), 0, 1, 0) > 0;
  } catch {
    return false;
  }
}
