// A record of our own in the kernel: its own events, filters and memory, which no other tracer sees.
//
// It is removed at the end; what a killed one has left is removed at the next start. One that is read by
// somebody cannot be removed, so those of others that run are safe.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { launcher } from './launcher.js';
import { missing } from './tracefs.js';

const PREFIX = 'sigbridge-';
/** For each processor: some ten thousand signals that have not been read yet. */
const KILOBYTES = 2048;

/** Their texts have no more in them than a name of 15 bytes: lines.ts. */
const EVENTS = [
  'signal/signal_generate',
  'signal/signal_deliver',
  'task/task_newtask',
  'task/task_rename',
  'sched/sched_process_exit',
];
/** Not in every kernel. */
const FURTHER = ['oom/mark_victim'];

/** Overwritten, not to be written while another was, and refused. */
const LOST = /^(?:overrun|commit overrun|dropped events): (\d+)$/gm;

/** @internal Kernel filters by event: Documentation/trace/events.rst, "Event filtering". */
export type Filters = Readonly<Record<'signal_generate' | 'signal_deliver', string>>;

/** @internal */
export class Instance {
  readonly #folder: string;
  #reader: ChildProcessByStdio<null, Readable, null> | undefined;

  /** @throws ERR_UNSUPPORTED */
  constructor(tracefs: string) {
    removeStale(tracefs);
    this.#folder = `${tracefs}/instances/${PREFIX}${process.pid}`;
    try {
      mkdirSync(this.#folder);
      this.#write('buffer_size_kb', KILOBYTES);
      this.#write('trace_clock', 'mono');
    } catch (error) {
      throw missing(`the kernel lets nobody record here (${(error as Error).message})`, error);
    }
  }

  /** What is recorded, as text, from now on. */
  start(filters: Filters): Readable {
    const words = ['--parent-death', 'SIGKILL', '--', 'cat', `${this.#folder}/trace_pipe`];
    const reader = spawn(launcher(), words, {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true, // Ctrl+C is for us, who have to read to the end
    });
    this.#reader = reader;
    this.filter(filters);
    for (const event of EVENTS) this.#write(`events/${event}/enable`, 1);
    for (const event of FURTHER) this.#try(`events/${event}/enable`, 1);
    return reader.stdout;
  }

  filter(filters: Filters): void {
    for (const [event, filter] of Object.entries(filters)) {
      this.#write(`events/signal/${event}/filter`, filter === '' ? '0' : filter);
    }
  }

  /** Nothing more is recorded but this text; what has been can still be read. */
  end(mark: string): void {
    this.#write('events/enable', 0);
    this.#write('trace_marker', mark);
  }

  /** How many events the kernel had no room for. */
  get lost(): number {
    const folder = `${this.#folder}/per_cpu`;
    return readdirSync(folder)
      .flatMap((cpu) => [...readFileSync(`${folder}/${cpu}/stats`, 'latin1').matchAll(LOST)])
      .reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** Resolves when nothing is left of it. */
  async remove(): Promise<void> {
    const reader = this.#reader;
    if (reader?.exitCode === null && reader.signalCode === null) {
      const gone = new Promise((resolve) => reader.once('close', resolve));
      reader.kill('SIGKILL');
      reader.stdout.resume();
      await gone;
    }
    rmdirSync(this.#folder);
  }

  #write(file: string, value: string | number): void {
    writeFileSync(`${this.#folder}/${file}`, `${value}\n`);
  }

  #try(file: string, value: string | number): void {
    try {
      this.#write(file, value);
    } catch {
      // Less is seen; nothing of what is said is wrong.
    }
  }
}

function removeStale(tracefs: string): void {
  for (const name of readdirSync(`${tracefs}/instances`)) {
    const pid = Number(name.slice(PREFIX.length));
    if (!name.startsWith(PREFIX) || isAlive(pid)) continue;
    try {
      rmdirSync(`${tracefs}/instances/${name}`);
    } catch {
      // Somebody reads it.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch {
    return false;
  }
}
