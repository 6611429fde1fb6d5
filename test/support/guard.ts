/** How long a wait for something that does happen may take on a loaded machine, in ms; what builds needs longer. */
export const GUARD_MS = (globalThis as { guardMs?: number }).guardMs ?? 20_000;

/**
 * The value of `promise`, or an error that names `what` was awaited. No test waits for this time
 * to pass: it only turns a hang into a message.
 */
export async function guarded<T>(
  promise: Promise<T>,
  what: () => string,
  timeoutMs = GUARD_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${String(timeoutMs)} ms in vain for ${what()}`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    clearTimeout(timer);
  }
}
