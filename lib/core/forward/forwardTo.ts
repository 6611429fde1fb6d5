import type { ChildProcess } from 'node:child_process';
import { invalidArg } from '../../base/errors/SignalError.js';
import { systemError } from '../../base/errors/system.js';
import { constants } from 'node:os';
import { addon } from '../../base/native/addon.js';
import { listenable, on } from '../receive/on.js';
import type { SignalEvent } from '../events/SignalEvent.js';
import type { Subscription } from '../receive/Subscription.js';
import { elements, toName, type SignalName } from '../../base/signal/names.js';
import { stopOnce } from './stop.js';
import { sentByTerminal } from './terminal.js';
import { GroupTarget, ProcessTarget, type Target } from './targets.js';

/** A child, a process id, or a process group. */
export type ForwardTarget = ChildProcess | number | { readonly group: number };

/** Signals on their way to other processes. */
export interface Forwarding extends Disposable {
  /** The signals that are sent on. */
  readonly signals: readonly string[];
  /** How many targets are left. */
  readonly targets: number;
  /** How often a signal was sent to a target. */
  readonly forwarded: number;
  /** How often it was not, and why. */
  readonly skipped: Readonly<Skipped>;
  /** Whether nothing more is sent on: it was closed, or all targets have ended. */
  readonly closed: boolean;
  /** Ends it. It ends by itself with its last target. */
  close(): void;
}

export interface Skipped {
  /** The terminal had sent it to the target as well, which is in the foreground group. */
  terminal: number;
  /** It was this process that had sent it, to the group which it is in itself. */
  own: number;
  /** The target had ended; this was its end here. */
  gone: number;
  /** The system did not allow it: the target runs as another user, or its queue is full. */
  refused: number;
}

/**
 * Sends each arrival of the signals on to one process, a process group, or several of these. What was
 * queued with a value keeps it. The targets are held by descriptors (pidfd_open(2)), so that a process
 * which was given the pid of one that has ended is never hit; an `exec` changes nothing.
 *
 * What a terminal sends (Ctrl+C, Ctrl+\\, Ctrl+Z, a new size) it sends to its whole foreground group:
 * a target in this process's group is left out then. `SIGTSTP`, `SIGTTIN` and `SIGTTOU` stop the
 * targets and then this process, as a shell's job; when it is continued, so are they.
 *
 * Counts as listening: the default action does not happen here. Does not keep the event loop alive.
 * Belongs to the calling thread, and ends with it.
 * @throws ERR_NO_SUCH_PROCESS, ERR_INVALID_ARG, and as `on`
 */
export function forwardTo(
  target: ForwardTarget | readonly ForwardTarget[],
  signals: SignalName | number | readonly (SignalName | number)[],
): Forwarding {
  const numbers = listenable(signals);
  const given = elements(target) ?? [target];
  if (given.length === 0) throw invalidArg('target', target, EXPECTED);
  const parts: Part[] = [];
  try {
    for (const one of given) parts.push(openPart(one));
    return new OpenForwarding(parts, numbers);
  } catch (error) {
    for (const { target } of parts) target.close();
    throw error;
  }
}

const EXPECTED =
  'a ChildProcess that runs, a process id above 0, { group: id above 1 }, or an array of these';
const LARGEST_PID = 0x7fffffff;

interface Part {
  readonly target: Target;
  readonly child: ChildProcess | null;
}

function openPart(given: unknown): Part {
  if (typeof given === 'number') return { target: openProcess(given, given), child: null };
  const { group, child, pid, ended } = described(given);
  // kill(-1) would mean every process there is.
  if (isId(group, 2)) return { target: new GroupTarget(group), child: null };
  if (child === undefined) throw invalidArg('target', given, EXPECTED);
  // Once Node has seen its end, the pid may be anybody's.
  if (ended === true) throw systemError(constants.errno.ESRCH, 'kill', { pid });
  return { target: openProcess(pid, given), child };
}

interface Description {
  group?: unknown;
  child?: ChildProcess;
  pid?: number | undefined;
  ended?: boolean;
}

/** What an object says of itself; nothing where it cannot be read. */
function described(given: unknown): Description {
  try {
    if (typeof given !== 'object' || given === null) return {};
    if ('group' in given) return { group: given.group };
    if (!isChild(given)) return {};
    const { pid, exitCode, signalCode } = given;
    return { child: given, pid, ended: exitCode !== null || signalCode !== null };
  } catch {
    return {};
  }
}

function openProcess(pid: number | undefined, given: unknown): Target {
  if (!isId(pid, 1) || pid === process.pid) throw invalidArg('target', given, EXPECTED);
  return new ProcessTarget(pid);
}

function isChild(value: object): value is ChildProcess {
  return 'pid' in value && 'exitCode' in value && 'once' in value;
}

function isId(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= LARGEST_PID;
}

const STOPS: readonly string[] = ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'];

class OpenForwarding implements Forwarding {
  forwarded = 0;
  readonly skipped: Skipped = { terminal: 0, own: 0, gone: 0, refused: 0 };
  readonly #numbers: readonly number[];
  readonly #parts: Set<Part>;
  readonly #subscription: Subscription;
  readonly #exits = new Map<Part, () => void>();

  constructor(parts: readonly Part[], numbers: readonly number[]) {
    this.#numbers = numbers;
    this.#parts = new Set(parts);
    this.#subscription = on(numbers, (event) => {
      this.#forward(event);
    });
    for (const part of parts) this.#endWithChild(part);
  }

  get signals(): readonly string[] {
    return this.#numbers.map(toName);
  }

  get targets(): number {
    return this.#parts.size;
  }

  get closed(): boolean {
    return this.#subscription.closed;
  }

  close(): void {
    for (const part of this.#parts) this.#end(part);
    this.#subscription.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #forward(event: SignalEvent): void {
    const ownGroup = addon.groupOf(0);
    const byTerminal = sentByTerminal(event);
    const value = event.code === 'SI_QUEUE' ? (event.value ?? undefined) : undefined;
    const told: Part[] = [];
    for (const part of this.#parts) {
      const inOwnGroup = part.target.isInGroup(ownGroup);
      if (byTerminal && inOwnGroup) {
        this.skipped.terminal++;
        told.push(part);
      } else if (event.pid === process.pid && part.target.pid === null && inOwnGroup) {
        this.skipped.own++;
      } else if (this.#send(part, event.number, value)) {
        told.push(part);
      }
    }
    if (!STOPS.includes(event.signal)) return;
    // When every other forwarding has told its targets too.
    queueMicrotask(() => {
      stopOnce(event);
      this.#continue(told);
    });
  }

  #send(part: Part, number: number, value?: number): boolean {
    const outcome = part.target.send(number, value);
    if (outcome === 'sent') {
      this.forwarded++;
      return true;
    }
    this.skipped[outcome]++;
    if (outcome === 'gone') this.#lose(part);
    return false;
  }

  #continue(stopped: readonly Part[]): void {
    const { SIGCONT } = constants.signals;
    if (this.#numbers.includes(SIGCONT)) return; // has arrived, and is forwarded as any other
    for (const part of stopped) if (this.#parts.has(part)) this.#send(part, SIGCONT);
  }

  #endWithChild(part: Part): void {
    if (part.child === null) return;
    const onExit = (): void => {
      this.#lose(part);
    };
    this.#exits.set(part, onExit);
    part.child.once('exit', onExit);
  }

  #lose(part: Part): void {
    this.#end(part);
    if (this.#parts.size === 0) this.close();
  }

  #end(part: Part): void {
    this.#parts.delete(part);
    part.target.close();
    const onExit = this.#exits.get(part);
    if (onExit !== undefined) part.child?.removeListener('exit', onExit);
  }
}
