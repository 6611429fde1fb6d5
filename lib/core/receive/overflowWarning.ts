import { traits } from '../../base/signal/traits.js';
import type { SignalEvent } from '../events/SignalEvent.js';

const warned = new Set<number>();

/**
 * Real-time signals are queued one by one, so it is a loss when arrivals had to be folded into one
 * event: warns of the first, until nobody listens any more. Standard signals fold by nature.
 */
export function warnOfOverflow(event: SignalEvent): void {
  if (warned.has(event.number) || !traits(event.number).realtime) return;
  warned.add(event.number);
  process.emitWarning(
    `${event.signal} came faster than the event loop took it: ${event.coalesced} further arrivals ` +
      "were folded into one event, which counts them as its 'coalesced'; their values are lost. " +
      'This is said once for as long as somebody listens.',
    'SignalOverflowWarning',
  );
}

/** Nobody listens to the signal any more: the next loss is news again. */
export function forgetOverflow(number: number): void {
  warned.delete(number);
}
