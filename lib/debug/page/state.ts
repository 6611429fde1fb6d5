import type { PageState } from '../json.js';
import type { Delivery } from '../trace.js';

/** As the server tells it: times in ns are decimal text. */
export type State = PageState;
export type Told = Omit<Delivery, 'enteredAt'> & { enteredAt: string };

/** How many deliveries the page keeps. */
export const MOST_KEPT = 1_000;

/** When a delivery's first listener was called, in ns after the handler's entry; `null` for none. */
export function latencyOf({ listeners }: Told): number | null {
  return listeners[0]?.startedAfter ?? null;
}
