import { SignalError } from '../base/errors/SignalError.js';

/** For another copy of this package too. */
const KEY = Symbol.for('sigbridge.shutdown');

interface Claim {
  /** Where it was made, as in a stack. */
  place: string;
}

/**
 * @internal A process ends once: keeps a second shutdown out, until what this gives is called.
 * @param made what the caller's caller has called
 * @throws ERR_IN_USE, which names the place of the first
 */
export function claimProcess(made: (...args: never[]) => unknown): () => void {
  const shared = globalThis as { [KEY]?: Claim | undefined };
  const first = shared[KEY];
  if (first !== undefined) {
    throw new SignalError(
      'ERR_IN_USE',
      `This process has a shutdown already, made ${first.place}: add stages to that one, or close() it first.`,
    );
  }
  const claim = { place: placeOf(made) };
  shared[KEY] = claim;
  return () => {
    if (shared[KEY] === claim) shared[KEY] = undefined;
  };
}

function placeOf(made: (...args: never[]) => unknown): string {
  const trace: { stack?: unknown } = {};
  Error.captureStackTrace(trace, made);
  // Not where somebody formats stacks in another way.
  const line = typeof trace.stack === 'string' ? trace.stack.split('\n')[1] : undefined;
  return line?.trim() ?? 'elsewhere';
}
