import { timedOut } from '../base/errors/SignalError.js';

/**
 * @internal Gives `task` an AbortSignal that is aborted after `ms`, or when `over` is. What the task has
 * not settled one turn of the event loop later is left alone.
 * @throws what the task does, and ERR_TIMEOUT
 */
export async function within(
  over: AbortSignal,
  ms: number,
  what: string,
  task: (signal: AbortSignal) => unknown,
): Promise<void> {
  const own = new AbortController();
  const late = (): void => {
    own.abort(over.aborted ? over.reason : timedOut(what, Math.round(ms)));
  };
  const timer = ms === Infinity || over.aborted ? undefined : setTimeout(late, ms);
  if (over.aborted) late();
  else over.addEventListener('abort', late);
  try {
    await Promise.race([invoke(task, own.signal), aborted(own.signal).catch(turnLater)]);
  } finally {
    clearTimeout(timer);
    over.removeEventListener('abort', late);
  }
}

async function invoke(task: (signal: AbortSignal) => unknown, signal: AbortSignal): Promise<void> {
  await task(signal);
}

/** @internal Rejects with the signal's reason. */
export async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

// What a task does at once when it is told that its time is over still counts.
async function turnLater(error: unknown): Promise<never> {
  await new Promise((resolve) => setImmediate(resolve));
  throw error;
}
