import { performance } from 'node:perf_hooks';

/**
 * @internal A clock that counts the time in which this process could run: where it gets no processor, its
 * clients, if they are on the same machine, do not get one either, and are as late.
 */
export class OwnTime {
  #last = performance.now();
  #lost = 0;

  /** Begins anew: the time before is not looked at. */
  start(): void {
    this.#last = performance.now();
  }

  /** Call it every so often: what is beyond `ms` since the last time was lost. */
  tick(ms: number): void {
    const now = performance.now();
    this.#lost += Math.max(0, now - this.#last - ms);
    this.#last = now;
  }

  now(): number {
    return performance.now() - this.#lost;
  }
}
