// Who is who: every process and thread of the machine, those that have ended meanwhile for a while, with
// who started whom as it was, whoever has adopted them since.
//
// Bounded: of the ended the last few thousand are kept, of ancestors the nearest.
import { readdirSync, readFileSync } from 'node:fs';
import { readStat } from '../../core/look/stat.js';

/** @internal A process. */
export interface Person {
  readonly pid: number;
  /** The kernel's name for it, at most 15 bytes. */
  name: string;
  /** Its command line, or `''` where nobody could read it in time. */
  command: string;
  parent: Person | null;
  ended: boolean;
}

const CLONE_PARENT = 0x8000;
const CLONE_THREAD = 0x10000;
const MOST_ENDED = 4096;
const MOST_ANCESTORS = 16;
const LONGEST = 1000;

/** @internal */
export class People {
  readonly #persons = new Map<number, Person>();
  /** The process of each thread other than the first. */
  readonly #threads = new Map<number, number>();
  readonly #ended: { tid: number; person: Person }[] = [];
  /** Command lines that are known before they are there. */
  readonly #coming = new Map<number, string>();

  /** Reads who there is now. */
  constructor() {
    for (const name of readdirSync('/proc')) {
      if (/^\d+$/.test(name)) this.who(Number(name));
    }
  }

  /** The process of a thread, by what is known or /proc tells. */
  who(tid: number): Person {
    const pid = this.pidOf(tid);
    return this.#persons.get(pid) ?? this.#meet(pid);
  }

  /** The same, at a time when it is likely to be there: what is not known of it and of those above is read. */
  met(tid: number): Person {
    const person = this.who(tid);
    for (const one of [person, ...ancestorsOf(person)]) learn(one);
    return person;
  }

  pidOf(tid: number): number {
    const known = this.#threads.get(tid);
    if (known !== undefined) return known;
    if (this.#persons.has(tid)) return tid;
    const pid = readPid(tid) ?? tid;
    if (pid !== tid) this.#threads.set(tid, pid);
    return pid;
  }

  born(parentTid: number, tid: number, name: string, flags: number): Person {
    const parent = this.who(parentTid);
    learn(parent);
    if ((flags & CLONE_THREAD) !== 0) {
      this.#threads.set(tid, parent.pid);
      return parent;
    }
    this.#threads.delete(tid);
    const above = (flags & CLONE_PARENT) !== 0 ? parent.parent : parent;
    // Until it executes something it is what its parent is.
    const person = { pid: tid, name, command: parent.command, parent: above, ended: false };
    this.#persons.set(tid, person);
    shorten(person);
    return person;
  }

  /** By execve(2), which also gives a new command line, or by the process itself. */
  named(tid: number, name: string): void {
    if (this.pidOf(tid) !== tid) return;
    const person = this.who(tid);
    person.name = name;
    person.command = readCommand(tid) || (this.#coming.get(tid) ?? '');
    this.#coming.delete(tid);
  }

  /** What this process is about to execute, which may be over before it can be read. */
  expect(pid: number, command: string): void {
    this.#coming.set(pid, command);
  }

  /** @param last no other thread of the process is left */
  died(tid: number, last: boolean): void {
    const person = this.who(tid);
    if (last) person.ended = true;
    this.#ended.push({ tid, person });
    if (this.#ended.length > MOST_ENDED) this.#forget();
  }

  #forget(): void {
    for (const { tid, person } of this.#ended.splice(0, MOST_ENDED / 4)) {
      this.#threads.delete(tid);
      // Somebody else may have the number by now.
      if (person.ended && this.#persons.get(person.pid) === person) {
        this.#persons.delete(person.pid);
      }
    }
  }

  #meet(pid: number): Person {
    const person: Person = { pid, name: '', command: '', parent: null, ended: false };
    this.#persons.set(pid, person);
    try {
      const { name, parent } = readStat(pid);
      person.name = name;
      person.command = readCommand(pid);
      if (parent > 0 && parent !== pid) person.parent = this.who(parent);
    } catch {
      person.ended = pid !== 0;
    }
    return person;
  }
}

/** @internal What people call it. */
export function callOf({ pid, name, command }: Person): string {
  if (pid === 0) return 'the idle kernel';
  return command === '' ? name || '?' : command;
}

/** @internal From its parent upwards. */
export function ancestorsOf({ parent }: Person): Person[] {
  const found: Person[] = [];
  for (let next = parent; next !== null && found.length < MOST_ANCESTORS; next = next.parent) {
    // What is above a watch of its own is no news.
    if (next.pid === process.pid) break;
    found.push(next);
  }
  return found;
}

// The kernel tells of execve(2) a little before the new command line is there.
function learn(person: Person): void {
  if (person.command === '' && !person.ended) person.command = readCommand(person.pid);
}

// A program that goes on by starting itself again would have ever more of them.
function shorten(person: Person): void {
  const last = ancestorsOf(person).at(MOST_ANCESTORS - 1);
  if (last?.parent?.ended === true) last.parent = null;
}

/** @internal The command line of a process; `''` where it has none, or cannot be read any more. */
export function readCommand(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .slice(0, LONGEST)
      .replaceAll('\0', ' ')
      .trimEnd();
  } catch {
    return '';
  }
}

function readPid(tid: number): number | null {
  try {
    const [, pid] = /^Tgid:\t(\d+)$/m.exec(readFileSync(`/proc/${tid}/status`, 'latin1')) ?? [];
    return pid === undefined ? null : Number(pid);
  } catch {
    return null;
  }
}
