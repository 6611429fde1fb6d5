import { invalidArg, SignalError } from '../base/errors/SignalError.js';
import { show } from '../base/errors/show.js';
import type { Stage } from './stage.js';

/** @internal Stages, and which of them comes after which. */
export class StageGraph {
  readonly #stages = new Map<string, Stage>();

  /** @throws ERR_INVALID_ARG for a name that is taken, or where stages would wait for each other */
  add(stage: Stage): void {
    const { name } = stage;
    if (this.#stages.has(name)) {
      throw invalidArg('name', name, 'a name that no other stage has');
    }
    this.#stages.set(name, stage);
    const cycle = this.#wayBack(name);
    if (cycle === null) return;
    this.#stages.delete(name);
    const way = cycle.map((each) => show(each)).join(' after ');
    throw new SignalError('ERR_INVALID_ARG', `Stages would wait for each other: ${way}.`);
  }

  get size(): number {
    return this.#stages.size;
  }

  /** What `after` and `before` name without there being such a stage. */
  unknown(): SignalError[] {
    const stages = [...this.#stages.values()];
    return stages.flatMap((stage) => [
      ...this.#missing(stage, 'after'),
      ...this.#missing(stage, 'before'),
    ]);
  }

  /** Runs each stage when those before it have settled, independent ones side by side. `run` never rejects. */
  async run(run: (stage: Stage) => Promise<void>): Promise<void> {
    const settled = new Map<string, Promise<void>>();
    const settle = (name: string): Promise<void> => {
      const known = settled.get(name);
      if (known !== undefined) return known;
      const stage = this.#stages.get(name);
      const promise = stage === undefined ? Promise.resolve() : inTurn(stage);
      settled.set(name, promise);
      return promise;
    };
    const inTurn = async (stage: Stage): Promise<void> => {
      await Promise.all(this.#predecessors(stage.name).map(settle));
      await run(stage);
    };
    await Promise.all([...this.#stages.keys()].map(settle));
  }

  #predecessors(name: string): string[] {
    const own = this.#stages.get(name)?.after ?? [];
    const others = [...this.#stages.values()].filter(({ before }) => before.includes(name));
    return [...own, ...others.map((stage) => stage.name)];
  }

  // The names on a way from `start` over its predecessors to itself.
  #wayBack(start: string): string[] | null {
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
