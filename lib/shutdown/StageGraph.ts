import { invalidArg, SignalError } from '../base/errors/SignalError.js';
import { show } from '../base/errors/show.js';
import type { Stage } from './stage.js';

const NONE: ReadonlySet<string> = new Set();

/** @internal Stages, and which of them comes after which. */
export class StageGraph {
  readonly #stages = new Map<string, Stage>();
  // By name, whether there is such a stage or not: what comes before it, and what behind.
  readonly #ahead = new Map<string, Set<string>>();
  readonly #behind = new Map<string, Set<string>>();
  readonly #begun = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #settled = new Set<string>();
  #run: ((stage: Stage) => Promise<void>) | null = null;

  /** @throws ERR_INVALID_ARG for a name that is taken, or where stages would wait for each other */
  add(stage: Stage): void {
    const { name } = stage;
    if (this.#stages.has(name)) {
      throw invalidArg('name', name, 'a name that no other stage has');
    }
    this.#stages.set(name, stage);
    const links = [
      ...stage.after.map((other) => [other, name] as const),
      ...stage.before.map((other) => [name, other] as const),
    ].filter(([one, other]) => !this.#predecessors(other).has(one));
    for (const [one, other] of links) {
      entry(this.#ahead, other).add(one);
      entry(this.#behind, one).add(other);
    }
    const cycle = this.#wayBack(name);
    if (cycle === null) {
      if (this.#run !== null) this.#advance([name]);
      return;
    }
    this.#stages.delete(name);
    for (const [one, other] of links) {
      this.#ahead.get(other)?.delete(one);
      this.#behind.get(one)?.delete(other);
    }
    const way = cycle.map((each) => show(each)).join(' after ');
    throw new SignalError('ERR_INVALID_ARG', `Stages would wait for each other: ${way}.`);
  }

  get size(): number {
    return this.#stages.size;
  }

  /** The names of those that have not settled. */
  get left(): string[] {
    return [...this.#stages.keys()].filter((name) => this.#isAhead(name));
  }

  /** What `after` and `before` name without there being such a stage. */
  unknown(): SignalError[] {
    const stages = [...this.#stages.values()];
    return stages.flatMap((stage) => [
      ...this.#missing(stage, 'after'),
      ...this.#missing(stage, 'before'),
    ]);
  }

  /**
   * Runs each stage when those before it have settled, independent ones side by side, and from now on
   * those that are added, until none is left. `run` never rejects.
   */
  async run(run: (stage: Stage) => Promise<void>): Promise<void> {
    this.#run = run;
    this.#advance(this.#stages.keys());
    await this.settled();
  }

  /** Resolves when nothing runs, and nothing waits for what runs. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.race(this.#running.values());
  }

  /** How long `stage` may take of the `leftMs` that are left, so that those behind it have theirs. */
  allowance({ name, reserveMs, timeoutMs }: Stage, leftMs: number): number {
    const behind = this.#reserveBehind(name, new Map());
    const free = leftMs - behind;
    const share = free >= reserveMs ? free : (leftMs * reserveMs) / (reserveMs + behind);
    return Math.min(timeoutMs, share);
  }

  // The longest way through those that come after it.
  #reserveBehind(name: string, known: Map<string, number>): number {
    const found = known.get(name);
    if (found !== undefined) return found;
    let longest = 0;
    for (const next of this.#successors(name)) {
      const stage = this.#stages.get(next);
      if (stage === undefined || this.#begun.has(next)) continue;
      longest = Math.max(longest, stage.reserveMs + this.#reserveBehind(next, known));
    }
    known.set(name, longest);
    return longest;
  }

  // Begins those of these that have to wait no longer.
  #advance(names: Iterable<string>): void {
    for (const name of names) {
      const stage = this.#stages.get(name);
      if (stage === undefined || this.#begun.has(name)) continue;
      if ([...this.#predecessors(name)].some((other) => this.#isAhead(other))) continue;
      this.#begun.add(name);
      this.#running.set(name, this.#runOne(stage));
    }
  }

  // A name that no stage has is waited for by nobody.
  #isAhead(name: string): boolean {
    return this.#stages.has(name) && !this.#settled.has(name);
  }

  async #runOne(stage: Stage): Promise<void> {
    await this.#run?.(stage);
    this.#settled.add(stage.name);
    this.#running.delete(stage.name);
    this.#advance(this.#successors(stage.name));
  }

  #predecessors(name: string): ReadonlySet<string> {
    return this.#ahead.get(name) ?? NONE;
  }

  #successors(name: string): ReadonlySet<string> {
    return this.#behind.get(name) ?? NONE;
  }

  // The names on a way from `start` over its predecessors to itself.
  #wayBack(start: string): string[] | null {
    if (this.#successors(start).size === 0) return null;
    const seen = new Set<string>();
    const walk = (way: readonly string[]): string[] | null => {
      for (const name of this.#predecessors(way.at(-1) ?? start)) {
        if (name === start) return [...way, name];
        if (seen.has(name)) continue;
        seen.add(name);
        const found = walk([...way, name]);
        if (found !== null) return found;
      }
      return null;
    };
    return walk([start]);
  }

  #missing(stage: Stage, relation: 'after' | 'before'): SignalError[] {
    const known = [...this.#stages.keys()].map((name) => show(name)).join(', ');
    return stage[relation]
      .filter((name) => !this.#stages.has(name))
      .map((name) =>
        invalidArg(`options.${relation} of the stage ${show(stage.name)}`, name, `one of ${known}`),
      );
  }
}

function entry(map: Map<string, Set<string>>, name: string): Set<string> {
  const found = map.get(name) ?? new Set();
  map.set(name, found);
  return found;
}
