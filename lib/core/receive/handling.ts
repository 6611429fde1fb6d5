/**
 * Which signals a part of this thread's program handles as something other than its end: whoever ends
 * the program by them unless told otherwise leaves them alone.
 */
const handled = new Map<number, number>();

/** Counted: each is owed an {@link endHandling}. */
export function beginHandling(number: number): void {
  handled.set(number, (handled.get(number) ?? 0) + 1);
}

export function endHandling(number: number): void {
  handled.set(number, (handled.get(number) ?? 1) - 1);
}

export function isHandled(number: number): boolean {
  return (handled.get(number) ?? 0) > 0;
}
