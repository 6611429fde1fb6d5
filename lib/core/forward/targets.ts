import { constants } from 'node:os';
import { systemError } from '../../base/errors/system.js';
import { addon } from '../../base/native/addon.js';
import { HeldProcess } from './HeldProcess.js';

/** What became of one signal for one target. */
export type Outcome = 'sent' | 'gone' | 'refused';

/** A process, or a group of them, that signals are forwarded to. */
export interface Target {
  /** Whether it is, or is in, this process group. */
  isInGroup(group: number): boolean;
  /** `value` is queued with the signal where the kernel can do so. */
  send(number: number, value: number | undefined): Outcome;
  /** The pid of the one process; `null` for a group. */
  readonly pid: number | null;
  close(): void;
}

const { ESRCH, ENOSYS, EINVAL } = constants.errno;

/**
 * One process.
 * @throws ERR_NO_SUCH_PROCESS
 */
export class ProcessTarget implements Target {
  readonly #process: HeldProcess;
  #closed = false;

  constructor(
    readonly pid: number,
    open: (pid: number) => number = (pid) => addon.openProcess(pid),
  ) {
    this.#process = new HeldProcess(pid, open);
    if (!this.#process.exists) {
      this.#process.close();
      throw systemError(ESRCH, 'pidfd_open', { pid });
    }
  }

  isInGroup(group: number): boolean {
    return addon.groupOf(this.pid) === group;
  }

  send(number: number, value: number | undefined): Outcome {
    if (this.#closed) return 'gone';
    const { descriptor } = this.#process;
    if (descriptor >= 0) return outcome(addon.signalProcess(descriptor, number, false, value));
    if (!this.#process.exists) return 'gone';
    const queued = value === undefined ? undefined : addon.queue(this.pid, number, value);
    return outcome(queued ?? addon.send(this.pid, number));
  }

  close(): void {
    this.#closed = true;
    this.#process.close();
  }
}

/**
 * A process group. Its id is the pid of the process that made it, and is not given to another while
 * the group has a member.
 * @throws ERR_NO_SUCH_PROCESS
 */
export class GroupTarget implements Target {
  readonly pid = null;
  readonly #group: number;
  readonly #leader: HeldProcess;
  #closed = false;

  constructor(group: number, open: (pid: number) => number = (pid) => addon.openProcess(pid)) {
    this.#group = group;
    const errno = addon.send(-group, 0);
    if (errno === ESRCH) throw systemError(errno, 'kill', { pid: -group });
    this.#leader = new HeldProcess(group, open);
  }

  isInGroup(group: number): boolean {
    return this.#group === group;
  }

  send(number: number, value: number | undefined): Outcome {
    if (this.#closed) return 'gone';
    const { descriptor } = this.#leader;
    const errno = descriptor >= 0 ? addon.signalProcess(descriptor, number, true, value) : ENOSYS;
    if (errno !== ENOSYS && errno !== EINVAL) return outcome(errno);
    // Linux before 6.9. Another process of this pid means that the group is gone, and its id reused.
    const taken = addon.send(this.#group, 0) !== ESRCH;
    if (taken && !this.#leader.exists) return 'gone';
    return outcome(addon.send(-this.#group, number));
  }

  close(): void {
    this.#closed = true;
    this.#leader.close();
  }
}

function outcome(errno: number): Outcome {
  if (errno === 0) return 'sent';
  return errno === ESRCH ? 'gone' : 'refused';
}
