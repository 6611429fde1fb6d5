// One line on the terminal that says how far long work has come: nothing in a pipe, nothing for what takes a second.

const AFTER_MS = 1000;
const EVERY_MS = 100;
/** How many steps are worth a look at the clock. */
const STEPS = 1024;
const CLEAR = '\r\x1b[K';

/** @internal */
export class Progress {
  #began = 0;
  #shown = 0;

  /** @param write `null` where nobody looks on */
  constructor(readonly write: ((text: string) => unknown) | null) {}

  static toStandardError(): Progress {
    const { stderr } = process;
    return new Progress(stderr.isTTY ? (text) => stderr.write(text) : null);
  }

  /** From here on it is our own work that is waited for. */
  begin(): void {
    this.#began = performance.now();
  }

  /** @param part from 0 to 1 */
  at(what: string, part: number): void {
    if (this.write === null) return;
    const now = performance.now();
    if (now - this.#began < AFTER_MS || now - this.#shown < EVERY_MS) return;
    this.#shown = now;
    this.write(`${CLEAR}${what}: ${Math.floor(part * 100)} %`);
  }

  /** Those of a list, one after the other. */
  *through<Item>(what: string, items: readonly Item[]): Generator<Item> {
    for (const [index, item] of items.entries()) {
      if (index % STEPS === 0) this.at(what, index / items.length);
      yield item;
    }
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown > 0) this.write?.(CLEAR);
    this.#shown = 0;
  }
}
