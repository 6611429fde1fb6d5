// Puts it together: the record, what becomes of each signal, and who wants to hear of it.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { Arrival } from './Arrival.js';
import { Fates } from './fates.js';
import { filtersOf } from './filters.js';
import { Instance } from './instance.js';
import { Lines } from './lines.js';
import type { Person } from './people.js';
import { openTracefs, type Tracefs } from './tracefs.js';

/** @internal What is wanted; all conditions hold together. */
export interface Wanted {
  /** Empty for all. */
  signals: readonly number[];
  /** From or to one of these; `null` for all. */
  pids: readonly number[] | null;
  /** What the one is about to execute: all that it starts from then on is followed; `null` for none. */
  follow: string | null;
  /** The name of sender or receiver. */
  command: string | null;
}

/** @internal */
export interface Watch {
  /** Lost, and not readable. */
  losses(): { lost: number; unreadable: number };
  /** Resolves when none of the processes is left, and what became of their signals is known. */
  readonly gone: Promise<undefined>;
  /** Leaves what comes in the kernel for a while. */
  pause(paused: boolean): void;
  /** Reads what is there yet, and leaves nothing behind in the kernel. */
  close(): Promise<void>;
}

const LOOK_MS = 100;
/** After the end of the last process. */
const LAST_LOOKS = 3;

/** @internal Watches from when it resolves until `close`. @throws ERR_UNSUPPORTED */
export async function watch(wanted: Wanted, tell: (arrival: Arrival) => void): Promise<Watch> {
  const tracefs = await openTracefs();
  let instance: Instance | undefined;
  try {
    instance = new Instance(tracefs.folder);
    return run(tracefs, instance, wanted, tell);
  } catch (error) {
    await instance?.remove();
    tracefs.close();
    throw error;
  }
}

function run(
  tracefs: Tracefs,
  instance: Instance,
  wanted: Wanted,
  tell: (arrival: Arrival) => void,
): Watch {
  const pids = new Set(wanted.pids ?? []);
  const threads = new Set([...pids].flatMap(threadsOf));
  // Children that are followed could get a signal before the kernel is told of them.
  const near = wanted.pids === null || wanted.follow !== null ? null : threads;
  const filters = () => filtersOf(wanted.signals, near);
  const fates: Fates = new Fates(isWanted, tell, (person, tid, parentTid) => {
    const parent = fates.people.pidOf(parentTid);
    if (!pids.has(parent)) return;
    if (wanted.follow !== null) pids.add(person.pid);
    if (near === null || person.pid !== parent) return;
    threads.add(tid);
    instance.filter(filters());
  });

  if (wanted.follow !== null) for (const pid of pids) fates.people.expect(pid, wanted.follow);

  function isWanted({ number, sender, target }: Arrival): boolean {
    if (isOwn(target) || (sender !== null && isOwn(sender))) return false;
    if (wanted.signals.length > 0 && !wanted.signals.includes(number)) return false;
    const both = sender === null ? [target] : [target, sender];
    if (wanted.pids !== null && !both.some(({ pid }) => pids.has(pid))) return false;
    return wanted.command === null || both.some((one) => isCalled(one, wanted.command ?? ''));
  }

  const lines = new Lines();
  const stream = instance.start(filters());
  stream.setEncoding('utf8').on('data', (text: string) => {
    for (const entry of lines.read(text)) fates.take(entry);
  });
  let tellGone: (nothing: undefined) => void;
  const gone = new Promise<undefined>((resolve) => (tellGone = resolve));
  let looksLeft = LAST_LOOKS;
  const timer = setInterval(() => {
    fates.look(now());
    const isGone = pids.size > 0 && [...pids].every((pid) => !existsSync(`/proc/${pid}`));
    if (isGone && --looksLeft === 0) tellGone(undefined);
  }, LOOK_MS);
  return {
    gone,
    pause: (paused) => {
      if (paused !== stream.isPaused()) stream[paused ? 'pause' : 'resume']();
    },
    losses: () => ({ lost: fates.lost, unreadable: lines.unreadable }),
    close: async () => {
      clearInterval(timer);
      stream.resume();
      await ended(instance, fates);
      fates.lost = Math.max(fates.lost, instance.lost);
      await instance.remove();
      fates.look(now(), true);
      tracefs.close();
    },
  };
}

// Of ourselves nobody asks.
function isOwn({ pid }: Person): boolean {
  return pid === process.pid;
}

function isCalled({ name, command }: Person, wanted: string): boolean {
  return name === wanted || basename(command.split(' ')[0] ?? '') === wanted;
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}

/** As the record counts. */
function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

const LONGEST_MS = 20_000;

/** Resolves when all that was recorded has been read. */
async function ended(instance: Instance, fates: Fates): Promise<void> {
  const mark = `sigbridge ${randomUUID()}`.slice(0, 40);
  await new Promise<void>((resolve) => {
    const guard = setTimeout(resolve, LONGEST_MS);
    fates.onMark = (text) => {
      if (text !== mark) return;
      clearTimeout(guard);
      resolve();
    };
    instance.end(mark);
  });
}
