import { setImmediate as turn } from 'node:timers/promises';
import { signalSnapshot, type SignalSnapshot } from './snapshot.js';

/** The hooks of jest, vitest, `node:test` or mocha. */
export interface TestHooks {
  /** Registers what runs before each test. */
  readonly beforeEach: (hook: () => void) => unknown;
  /** Registers what runs after each test; what it throws fails the test. */
  readonly afterEach: (hook: () => Promise<void>) => unknown;
}

/** What is put back "a turn later" has been put back by then. */
const TURNS = 10;

/**
 * Fails each test that leaves a handler, a listener or a blocked signal behind. Hooks that clean up
 * must run before: in jest, which runs `afterEach` in the order of registration, call this after them;
 * in vitest and mocha, which run the last one first, before them. For the thread that runs the tests.
 * No errors of its own: the test fails.
 * Sources: as signalSnapshot.
 */
export function failOnLeak({ beforeEach, afterEach }: TestHooks): void {
  let before: SignalSnapshot | undefined;
  beforeEach(() => {
    before = signalSnapshot();
  });
  afterEach(async () => {
    for (let turns = 0; turns < TURNS && before?.changes().length !== 0; turns++) await turn();
    before?.assertUnchanged();
  });
}
