import type { SignalEvent } from '../events/SignalEvent.js';

/** Called on the thread that has subscribed, once for each event. */
export type SignalListener = (event: SignalEvent) => void;

/** A listener at work. */
export interface Subscription extends Disposable {
  /** The signals that it listens to. */
  readonly signals: readonly string[];
  /** Whether the listener is not called any more. */
  readonly closed: boolean;
  /**
   * Ends it: the listener is not called again. The last to leave a signal puts back what stood
   * before the first came. May be called at any time, more than once, also from the listener.
   */
  close(): void;
}
