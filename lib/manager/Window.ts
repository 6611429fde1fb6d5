import type { SignalEvent } from '../core/events/SignalEvent.js';
import { LRUCache } from './kept.js';

/** What tells arrivals apart: a repeat has the key of one that is being handled. */
export type DedupeKey = (event: SignalEvent) => unknown;

/** How many keys are remembered; beyond it the oldest is forgotten, and its repeat handled. */
const MOST_KEYS = 10_000;

type Key = string | number | bigint | boolean | symbol | object;

/** @internal The keys of the arrivals that one handler has begun with. */
export class Window {
  readonly #keyOf: DedupeKey;
  readonly #claims: LRUCache<Key, object>;

  constructor(keyOf: DedupeKey, windowMs: number) {
    this.#keyOf = keyOf;
    this.#claims = new LRUCache({ max: MOST_KEYS, ttl: windowMs });
  }

  /** Takes the event's key and gives the way to free it; `null` for a repeat. Throws what the key does. */
  claim(event: SignalEvent): (() => void) | null {
    const key = this.#keyOf(event) as Key | null | undefined;
    if (key === undefined || key === null) return () => undefined;
    if (this.#claims.has(key)) return null;
    const claim = {};
    this.#claims.set(key, claim);
    return () => {
      // After the window somebody else may hold the key.
      if (this.#claims.peek(key, { allowStale: true }) === claim) this.#claims.delete(key);
    };
  }
}
