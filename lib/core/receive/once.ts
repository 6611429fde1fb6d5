import { readOptions } from '../../base/errors/options.js';
import type { SignalName } from '../../base/signal/names.js';
import { on, type OnOptions } from './on.js';
import type { SignalEvent } from '../events/SignalEvent.js';

/** What {@link once} takes beside the signal. */
export type OnceOptions = Omit<OnOptions, 'once'>;

/**
 * The next arrival of one of the signals. Does not keep the event loop alive unless `ref: true`.
 * Rejects with the reason of `options.signal` when that is aborted first. Called from any thread.
 * Sources: as on.
 * @throws (as a rejection) what {@link on} throws
 */
export async function once(
  signals: SignalName | number | readonly (SignalName | number)[],
  options?: OnceOptions,
): Promise<SignalEvent> {
  const { signal } = readOptions(options, { signal: 'AbortSignal' }) as OnceOptions;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's own
      reject(signal?.reason);
    };
    const listener = (event: SignalEvent): void => {
      signal?.removeEventListener('abort', onAbort);
      resolve(event);
    };
    on(signals, listener, { ...options, once: true });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
