import { constants } from 'node:os';
import { systemError } from '../errors/system.js';
import { addon } from '../native/addon.js';
import { startTime } from './startTime.js';

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
 * One process, held by a descriptor: its pid may be given to another one, the descriptor is not. Where
 * the kernel has none (Linux before 5.3), by the time when it was started.
 * @throws ERR_NO_SUCH_PROCESS
 */
export class ProcessTarget implements Target {
  readonly #descriptor: number;
  readonly #started: string | null;
  #closed = false;

  constructor(
    readonly pid: number,
    open: (pid: number) => number = (pid) => addon.openProcess(pid),
  ) {
    this.#descriptor = open(pid);
    this.#started = this.#descriptor >= 0 ? null : startTime(pid);
    const exists = this.#descriptor >= 0 || this.#started !== null;
    if (this.#descriptor === -ESRCH || !exists) throw systemError(ESRCH, 'pidfd_open', { pid });
  }

  isInGroup(group: number): boolean {
    return addon.groupOf(this.pid) === group;
  }

  send(number: number, value: number | undefined): Outcome {
    if (this.#closed) return 'gone';
    if (this.#descriptor >= 0) {
      return outcome(addon.signalProcess(this.#descriptor, number, false, value));
    }
    if (startTime(this.pid) !== this.#started) return 'gone';
    const queued = value === undefined ? undefined : addon.queue(this.pid, number, value);
    return outcome(queued ?? addon.send(this.pid, number));
  }

  close(): void {
    if (!this.#closed && this.#descriptor >= 0) addon.closeProcess(this.#descriptor);
    this.#closed = true;
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
  readonly #leader: number;
  readonly #started: string | null;
  #closed = false;

  constructor(group: number, open: (pid: number) => number = (pid) => addon.openProcess(pid)) {
    this.#group = group;
    const errno = addon.send(-group, 0);
    if (errno === ESRCH) throw systemError(errno, 'kill', { pid: -group });
    this.#started = startTime(group);
    this.#leader = open(group);
  }

  isInGroup(group: number): boolean {
    return this.#group === group;
  }

  send(number: number, value: number | undefined): Outcome {
    if (this.#closed) return 'gone';
    const errno =
      this.#leader >= 0 ? addon.signalProcess(this.#leader, number, true, value) : ENOSYS;
    if (errno !== ENOSYS && errno !== EINVAL) return outcome(errno);
    // Linux before 6.9. Another process of this pid means that the group is gone, and its id reused.
    const leader = startTime(this.#group);
    if (leader !== null && leader !== this.#started) return 'gone';
    return outcome(addon.send(-this.#group, number));
  }

  close(): void {
    if (!this.#closed && this.#leader >= 0) addon.closeProcess(this.#leader);
    this.#closed = true;
  }
}

function outcome(errno: number): Outcome {
  if (errno === 0) return 'sent';
  return errno === ESRCH ? 'gone' : 'refused';
}
