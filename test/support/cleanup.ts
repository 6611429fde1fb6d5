import { afterEach } from '@jest/globals';

const pending = new Set<() => void>();

// A test that failed half-way must not leave its processes to the next one.
afterEach(() => {
  const ends = [...pending];
  pending.clear();
  const failures: unknown[] = [];
  for (const end of ends) {
    try {
      end();
    } catch (error) {
      failures.push(error);
    }
  }
  // All the same, each has had its turn.
  if (failures.length > 0) throw failures[0];
});

/** Runs `end` when the current test is over, however it ended. */
export function onTestEnd(end: () => void): void {
  pending.add(end);
}
