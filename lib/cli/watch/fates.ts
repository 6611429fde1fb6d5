// What becomes of each signal: the kernel says when one is sent, and when a thread takes one; that the two
// belong together, and what a death was of, is put together here.
//
// Bounded: of those on their way the newest ten thousand are followed. Longer than most files: how a signal ends is
// one machine of states.
import { readFileSync } from 'node:fs';
import { toName } from '../../base/signal/names.js';
import { defaultAction } from '../../base/signal/traits.js';
import { readStatus, type Status } from '../../core/look/status.js';
import type { Arrival, Outcome } from './Arrival.js';
import { Handlers } from './handlers.js';
import type { Entry } from './lines.js';
import { People, type Person } from './people.js';
import { CLD_DUMPED, CLD_EXITED, CLD_KILLED, isSentByRunning, reasonOf } from './sender.js';

/** enum in include/trace/events/signal.h; the others are on their way. */
const AT_ONCE: Partial<Record<number, Outcome>> = { 1: 'ignored', 2: 'merged', 3: 'refused' };
const SIGKILL = 9;
const IGNORING = 1n;
const MOST_OPEN = 10_000;
/** So long the record may be behind what /proc shows. */
const SETTLE_US = 100_000;

interface Open {
  arrival: Arrival;
  told: boolean;
  lost: number;
}

export class Fates {
  readonly people = new People();
  /** What `mark` is waited for. */
  onMark: (text: string) => void = () => undefined;
  readonly #handlers = new Handlers();
  /** By process. */
  readonly #open = new Map<number, Open[]>();
  readonly #dying = new Set<number>();
  /** Those of whose death the cause is known. */
  readonly #killed = new Set<number>();
  #count = 0;
  #ids = 0;
  /** Events that the kernel had no room for. */
  lost = 0;

  /** @param tell called when it is known what became of one; twice for one that was pending */
  constructor(
    readonly wanted: (arrival: Arrival) => boolean,
    readonly tell: (arrival: Arrival) => void,
    readonly onThread: (person: Person, tid: number, parentTid: number) => void,
  ) {}

  take(entry: Entry): void {
    switch (entry.kind) {
      case 'generate':
        this.#generated(entry);
        break;
      case 'deliver':
        this.#delivered(entry);
        break;
      case 'victim':
        this.#chosen(this.people.pidOf(entry.pid));
        break;
      case 'task': {
        const { tid, child, name, flags } = entry;
        this.onThread(this.people.born(tid, child, name, flags), child, tid);
        break;
      }
      case 'name':
        this.people.named(entry.tid, entry.name);
        this.#handlers.forget(entry.tid);
        // By execve(2), which ends all other threads.
        this.#dying.delete(entry.tid);
        break;
      case 'exit':
        this.#exited(this.people.pidOf(entry.tid), entry.tid, entry.last);
        break;
      case 'mark':
        this.onMark(entry.text);
        break;
      case 'lost':
        this.lost += entry.count;
    }
  }

  /** Asks /proc about what is still open. @param now as the times of the record */
  look(now: number, end = false): void {
    const read = reader();
    for (const list of [...this.#open.values()]) {
      for (const open of [...list]) {
        if (end || now - open.arrival.time > SETTLE_US) this.#settle(open, end, read);
      }
    }
  }

  #generated(entry: Entry & { kind: 'generate' }): void {
    const { time, signal: number, code, tid, group, result } = entry;
    const target = this.people.met(entry.target);
    if (toName(number) === 'SIGCHLD' && code > 0) this.#childTold(this.people.who(tid), code, time);
    const own = this.people.pidOf(tid) === target.pid;
    const sending = { number, code, group, own };
    const arrival: Arrival = {
      id: ++this.#ids,
      time,
      number,
      signal: toName(number),
      code,
      sender: isSentByRunning(sending) ? this.people.met(tid) : null,
      reason: reasonOf(sending),
      target,
      thread: group ? null : entry.target,
      outcome: null,
      handler: null,
      after: null,
    };
    // Whether it has killed must be known of the one that surely does.
    if (!this.wanted(arrival) && number !== SIGKILL) return;
    const known = AT_ONCE[result];
    if (known === undefined) this.#keep({ arrival, told: false, lost: this.lost });
    else this.#say(arrival, known);
  }

  #delivered({ time, tid, signal, handler }: Entry & { kind: 'deliver' }): void {
    const pid = this.people.pidOf(tid);
    const same = (this.#open.get(pid) ?? []).filter(({ arrival }) => arrival.number === signal);
    // What was meant for the thread comes first: dequeue_signal() in kernel/signal.c.
    const open =
      same.find(({ arrival }) => arrival.thread === tid) ??
      same.find(({ arrival }) => arrival.thread === null);
    if (open === undefined) {
      // A death by another signal looks so to each thread, and the end by exit(2) to all others.
      if (signal === SIGKILL) this.#dying.add(pid);
      return;
    }
    // Whether memory was short the kernel says a little later: told with the process's end.
    if (signal === SIGKILL && open.arrival.sender === null) {
      this.#dying.add(pid);
      return;
    }
    open.arrival.after = time - open.arrival.time;
    if (handler > IGNORING) {
      open.arrival.handler = this.#handlers.at(pid, handler);
      this.#end(open, 'handled');
    } else if (handler === IGNORING) {
      this.#end(open, 'ignored');
    } else if (isFatal(signal)) {
      this.#killed.add(pid);
      this.#end(open, 'killed');
    } else {
      this.#end(open, 'default');
    }
  }

  // By the kernel, because memory was short.
  #chosen(pid: number): void {
    for (const { arrival } of this.#open.get(pid) ?? []) {
      if (arrival.number === SIGKILL && arrival.sender === null) arrival.reason = 'out of memory';
    }
  }

  #exited(pid: number, tid: number, last: boolean): void {
    this.people.died(tid, last);
    if (!last) return;
    this.#handlers.forget(pid);
    if (this.#open.has(pid)) return;
    this.#dying.delete(pid);
    this.#killed.delete(pid);
  }

  // How a child ended, for whoever is its parent: what was on its way to it has come to an end too.
  #childTold(child: Person, code: number, time: number): void {
    if (code !== CLD_EXITED && code !== CLD_KILLED && code !== CLD_DUMPED) return;
    this.#ended(child.pid, code !== CLD_EXITED, time);
  }

  #ended(pid: number, killed: boolean, time: number | null): void {
    const list = [...(this.#open.get(pid) ?? [])];
    const cause = killed && !this.#killed.delete(pid) ? causeOf(pid, list) : undefined;
    for (const open of list) {
      const was = open === cause;
      if (was && time !== null) open.arrival.after = time - open.arrival.time;
      this.#end(open, was ? 'killed' : 'ended');
    }
    this.#dying.delete(pid);
  }

  #settle(open: Open, end: boolean, read: ReturnType<typeof reader>): void {
    const { arrival } = open;
    const status = read(arrival.target.pid, arrival.thread);
    if (status === null || arrival.target.ended) {
      this.#ended(arrival.target.pid, this.#dying.has(arrival.target.pid), null);
      return;
    }
    const set = arrival.thread === null ? 'ShdPnd' : 'SigPnd';
    if (status.set(set).includes(arrival.signal)) {
      if (!open.told) this.#say(arrival, 'pending');
      open.told = true;
      if (end) this.#drop(open);
    } else {
      this.#end(open, this.lost > open.lost ? 'unknown' : 'taken');
    }
  }

  #keep(open: Open): void {
    const list = this.#open.get(open.arrival.target.pid);
    if (list === undefined) this.#open.set(open.arrival.target.pid, [open]);
    else list.push(open);
    if (++this.#count <= MOST_OPEN) return;
    const [oldest] = this.#open.values().next().value ?? [];
    if (oldest !== undefined) this.#end(oldest, 'unknown');
  }

  #drop(open: Open): void {
    const { pid } = open.arrival.target;
    const rest = (this.#open.get(pid) ?? []).filter((other) => other !== open);
    this.#count--;
    if (rest.length > 0) this.#open.set(pid, rest);
    else this.#open.delete(pid);
  }

  #end(open: Open, outcome: Outcome): void {
    this.#drop(open);
    this.#say(open.arrival, outcome);
  }

  #say(arrival: Arrival, outcome: Outcome): void {
    arrival.outcome = outcome;
    if (this.wanted(arrival)) this.tell(arrival);
  }
}

// Of what was on its way to a process that a signal has killed. A kernel that kills at once says so of
// none; the last one it is then, since nothing more is queued from there on: complete_signal() in
// kernel/signal.c. One that was seen pending was blocked, and would have been taken first.
function causeOf(pid: number, list: readonly Open[]): Open | undefined {
  const number = deathOf(pid);
  return list.findLast(({ arrival, told }) =>
    number === null ? isFatal(arrival.number) && !told : arrival.number === number,
  );
}

/** As long as nobody has waited for it: proc_pid_stat(5), "exit_code". */
function deathOf(pid: number): number | null {
  try {
    const code = Number(readFileSync(`/proc/${pid}/stat`, 'latin1').trimEnd().split(' ').at(-1));
    return (code & 0x7f) === 0 ? null : code & 0x7f;
  } catch {
    return null;
  }
}

function isFatal(signal: number): boolean {
  const action = defaultAction(signal);
  return action === 'terminate' || action === 'core';
}

// Each process and thread once, however many signals wait for it.
function reader(): (pid: number, thread: number | null) => Status | null {
  const known = new Map<string, Status | null>();
  return (pid, thread) => {
    const folder = thread === null ? `/proc/${pid}` : `/proc/${pid}/task/${thread}`;
    let status = known.get(folder);
    if (status === undefined) known.set(folder, (status = tryStatus(folder)));
    return status;
  };
}

function tryStatus(folder: string): Status | null {
  try {
    return readStatus(folder);
  } catch {
    return null;
  }
}
