import { afterEach } from '@jest/globals';

const pending = new Set<() => void>();

// A test that failed half-way must not leave its processes to the next one.
afterEach(() => {
  for (const end of pending) end();
  pending.clear();
});

/** Runs `end` when the current test is over, however it ended. */
export function onTestEnd(end: () => void): void {
  pending.add(end);
}
