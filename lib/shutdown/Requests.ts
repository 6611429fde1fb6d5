import type { Clock } from './Clock.js';

/** The part of all the time that is left to what comes then: output to be drained. */
const DRAIN_RESERVE = 0.05;
/** How long something may have been under way before it is no longer waited for: a read may never end. */
const STUCK_MS = 500;
/** How many looks in a row have to find nothing: whoever waits for one write may begin the next a little later. */
const LOOKS = 3;

/** What Node has beside what is documented: the objects behind `process.getActiveResourcesInfo()`. */
interface Inner {
  _getActiveRequests?: () => unknown;
}

/**
 * @internal What the system has yet to do for the program, which the end of the process would break off where
 * a natural end waits: loggers write to files behind streams that nobody can reach, and look up a name before
 * they send. Where the runtime does not say what is under way, nothing is known of.
 */
export class Requests {
  readonly #since = new WeakMap<object, number>();

  /** Call it when the shutdown begins: what is under way then and still is in the end may be stuck. */
  look(): boolean {
    const now = performance.now();
    let some = false;
    for (const request of requests()) {
      const since = this.#since.get(request) ?? now;
      this.#since.set(request, since);
      some ||= now - since < STUCK_MS;
    }
    return some;
  }

  /** Waits until nothing is under way any more, for `ms` at most: somebody may write without an end. */
  async settled(clock: Clock, ms: number): Promise<void> {
    const settle = async (signal: AbortSignal): Promise<void> => {
      for (let left = LOOKS; left > 0 && !signal.aborted;) {
        left = this.look() ? LOOKS : left - 1;
        await (left === LOOKS ? soon() : turn());
      }
    };
    await clock
      .within(Math.min(ms, clock.leaving(DRAIN_RESERVE)), 'What is under way', settle)
      .catch(() => undefined);
  }
}

function requests(): object[] {
  const given = (process as unknown as Inner)._getActiveRequests?.();
  return Array.isArray(given) ? (given as object[]) : [];
}

async function soon(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
