// A command's processes and what each changed, in order of time, from the records of its log: what was so before, and
// who did it.
import { namesOf, toName } from '../../base/signal/names.js';
import type { RawChange, RawRecord, RawState } from './log.js';
import type { Change, TracedProcess } from './model.js';
import { elfOf, Places } from './places.js';
import type { Progress } from './Progress.js';
import { alternateStack, differs, stackDiffers, States } from './states.js';

const SAVED = ['nothing', 'whole', 'handler'] as const;

/** The processes of a command, and what they changed. */
export interface Assembled {
  processes: TracedProcess[];
  changes: Change[];
}

/**
 * Names and nests what the log has as numbers.
 * @param start ns, CLOCK_MONOTONIC, from which times are counted
 */
export function assemble(records: RawRecord[], start: bigint, progress: Progress): Assembled {
  const scripts = new Map<number, string[]>();
  for (const record of records) {
    if (record.kind === 'script') scripts.set(record.offset, framesOf(record.text));
  }
  const assembler = new Assembler(scripts, start);
  // Threads and processes take turns: nearly in order already.
  for (const record of [...records].sort(byTime)) assembler.take(record);
  return assembler.finish(progress);
}

/** ms since the start, to the microsecond. */
export function millisecondsSince(start: bigint, time: bigint): number {
  return Number((time - start) / 1000n) / 1000;
}

class Assembler {
  readonly #processes: TracedProcess[] = [];
  readonly #changes: Change[] = [];
  readonly #places: Places[] = [];
  readonly #states: States[] = [];
  readonly #pending: { record: RawChange; process: number }[] = [];
  readonly #current = new Map<number, number>();
  // What was last set, by process and signal.
  readonly #standing = new Map<string, RawState>();
  // What was last blocked, by thread.
  readonly #masks = new Map<number, bigint>();

  constructor(
    readonly scripts: ReadonlyMap<number, string[]>,
    readonly start: bigint,
  ) {}

  take(record: RawRecord): void {
    switch (record.kind) {
      case 'start':
        this.#begin(record, new Places(), {
          parent: record.parent,
          how: 'exec',
          executable: record.executable,
          command: record.command,
          ignored: record.ignored === null ? null : namesOf(record.ignored),
          blocked: record.blocked === null ? null : namesOf(record.blocked),
          preloaded: record.seenBy.includes('preload'),
        });
        break;
      case 'fork':
        this.#fork(record, record.parent);
        break;
      case 'mapping':
        this.#places[this.#processOf(record)]?.add(record);
        break;
      case 'script':
        break;
      default:
        this.#pending.push({ record, process: this.#processOf(record) });
    }
  }

  // Only now is it known what lies where: it may have been recorded later.
  finish(progress: Progress): Assembled {
    const pending = progress.through('Naming what was recorded', this.#pending);
    for (const { record, process } of pending) this.#change(record, process);
    for (const [index, process] of this.#processes.entries()) {
      process.go = (this.#places[index]?.modules ?? []).some((path) => elfOf(path)?.go === true);
    }
    return { processes: this.#processes, changes: this.#changes };
  }

  #begin(
    { pid, time }: { pid: number; time: bigint },
    places: Places,
    rest: Omit<TracedProcess, 'pid' | 'time' | 'go'>,
  ): number {
    const index = this.#processes.length;
    this.#processes.push({
      pid,
      time: millisecondsSince(this.start, time),
      go: false,
      ...rest,
    });
    this.#places.push(places);
    this.#current.set(pid, index);
    return index;
  }

  // The same program as its parent, until it becomes another one.
  #fork(record: { pid: number; time: bigint }, parent: number): void {
    if (this.#current.has(record.pid)) return;
    const from = this.#current.get(parent);
    const above = from === undefined ? undefined : this.#processes[from];
    this.#begin(record, new Places(from === undefined ? undefined : this.#places[from]), {
      parent,
      how: 'fork',
      executable: above?.executable ?? null,
      command: above?.command ?? [],
      ignored: null,
      blocked: null,
      preloaded: above?.preloaded ?? true,
    });
  }

  // One whose start there was no room for is there all the same.
  #processOf(record: Pick<RawRecord, 'pid' | 'time' | 'seenBy'>): number {
    const rest = { parent: null, how: 'exec' as const, executable: null, command: [] };
    return (
      this.#current.get(record.pid) ??
      this.#begin(record, new Places(), {
        ...rest,
        ignored: null,
        blocked: null,
        preloaded: record.seenBy.includes('preload'),
      })
    );
  }

  #statesOf(process: number, places: Places): States {
    return (this.#states[process] ??= new States(places));
  }

  // exec(3) leaves what is ignored, and nothing else.
  #atStart(process: number, signal: number): RawState | null {
    const ignored = this.#processes[process]?.ignored ?? null;
    if (ignored === null) return null;
    return { handler: ignored.includes(toName(signal)) ? 1n : 0n, mask: 0n, flags: 0 };
  }

  #change(record: RawChange, process: number): void {
    const places = this.#places[process] ?? new Places();
    // Added to, below: a spread of it with more behind takes ten times as long.
    const base = {
      time: millisecondsSince(this.start, record.time),
      process,
      pid: record.pid,
      tid: record.tid,
      call: record.call,
      seenBy: record.seenBy,
      who: record.caller === 0n ? null : places.at(record.caller, true),
      script: this.scripts.get(record.script) ?? null,
    };
    switch (record.kind) {
      case 'action': {
        const key = `${process} ${record.signal}`;
        const before =
          record.from ?? this.#standing.get(key) ?? this.#atStart(process, record.signal);
        this.#standing.set(key, record.to);
        const states = this.#statesOf(process, places);
        const from = before === null ? null : states.of(before);
        const to = states.of(record.to);
        const saved = savedOf(record, places);
        const signal = toName(record.signal);
        const changed = before === null || differs(record.signal, before, record.to);
        this.#changes.push(
          Object.assign(base, { kind: record.kind, signal, from, to, saved, changed }),
        );
        break;
      }
      case 'mask': {
        const before = record.from ?? this.#masks.get(record.tid) ?? null;
        this.#masks.set(record.tid, record.to);
        const changed = before !== record.to;
        const from = before === null ? null : namesOf(before);
        this.#changes.push(
          Object.assign(base, { kind: record.kind, from, to: namesOf(record.to), changed }),
        );
        break;
      }
      case 'alternate stack': {
        const from = record.from === null ? null : alternateStack(record.from);
        const changed = record.from === null || stackDiffers(record.from, record.to);
        const to = alternateStack(record.to);
        this.#changes.push(Object.assign(base, { kind: record.kind, from, to, changed }));
      }
    }
  }
}

// Who has asked before need not ask again.
function savedOf(
  { saved, reader, caller }: { saved: number | null; reader: bigint; caller: bigint },
  places: Places,
): (typeof SAVED)[number] | null {
  if (saved === null) return null;
  const module = places.at(caller, true).module;
  const hasAsked = reader !== 0n && module !== null && places.at(reader, true).module === module;
  return hasAsked ? 'whole' : (SAVED[saved] ?? 'nothing');
}

function byTime(a: RawRecord, b: RawRecord): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}

function framesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => line.replace(/^\s*at /, ''));
}
