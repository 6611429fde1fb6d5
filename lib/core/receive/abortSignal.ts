import { readOptions } from '../../base/errors/options.js';
import type { SignalName } from '../../base/signal/names.js';
import { listenable, on } from './on.js';
import type { SignalEvent } from '../events/SignalEvent.js';

/** Why an {@link abortSignal} was aborted. By `name` and `code` it is what `fetch` and others expect. */
export class SignalAbortError extends Error {
  /** `'ABORT_ERR'`, as an `AbortError` of Node's own has. */
  readonly code = 'ABORT_ERR';
  /** The name of the signal that came. */
  readonly signal: string;

  constructor(
    /** The arrival that aborted it. */
    readonly event: SignalEvent,
  ) {
    super(`Aborted by ${event.signal}`);
    this.signal = event.signal;
  }

  static {
    Object.defineProperty(this.prototype, 'name', {
      value: 'AbortError',
      writable: true,
      configurable: true,
    });
  }
}

/** What {@link abortSignal} takes beside the signals. */
export interface AbortSignalOptions {
  /** Stop waiting for the signals when this is aborted; the result is then aborted too, with its reason. */
  signal?: AbortSignal;
}

/**
 * An `AbortSignal` that the first arrival of one of the signals aborts; Go's `NotifyContext`. Its
 * `reason` is a {@link SignalAbortError} that carries the event. From then on the signals do what they
 * did before: a second Ctrl+C ends the program, unless somebody else listens. Works in every thread.
 * Errors as `on`.
 * Sources: as on.
 */
export function abortSignal(
  signals: SignalName | number | readonly (SignalName | number)[],
  options?: AbortSignalOptions,
): AbortSignal {
  const { signal } = readOptions(options, { signal: 'AbortSignal' }) as AbortSignalOptions;
  const numbers = listenable(signals);
  if (signal?.aborted) return AbortSignal.abort(signal.reason);
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort(signal?.reason);
  };
  const listener = (event: SignalEvent): void => {
    signal?.removeEventListener('abort', stop);
    controller.abort(new SignalAbortError(event));
  };
  on(numbers, listener, signal === undefined ? { once: true } : { once: true, signal });
  signal?.addEventListener('abort', stop, { once: true });
  return controller.signal;
}
