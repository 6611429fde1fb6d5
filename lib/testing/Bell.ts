/** Wakes all who wait, again and again: each then looks for itself whether its wait is over. */
export class Bell {
  #ring!: () => void;
  #rung!: Promise<void>;

  constructor() {
    this.#hang();
  }

  ring(): void {
    this.#ring();
    this.#hang();
  }

  /** Resolves at the next `ring`. */
  rung(): Promise<void> {
    return this.#rung;
  }

  #hang(): void {
    this.#rung = new Promise((resolve) => (this.#ring = resolve));
  }
}
