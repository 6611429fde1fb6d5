import { addon } from '../../base/native/addon.js';

const FIRST_PAUSE_MS = 15;
const LONGEST_PAUSE_MS = 1000;
const TRIES = 20;

let timer: NodeJS.Timeout | undefined;

/**
 * A thread that blocked every signal during the last close(), or was stopped, has still to unblock what
 * it had left to the main thread. It is told again at whatever this process does with signals next, and,
 * where that is nothing, a few times by this.
 */
export function collectDebts(): void {
  if (timer === undefined && addon.collectDebts()) tryLater(FIRST_PAUSE_MS, TRIES);
}

function tryLater(pause: number, left: number): void {
  timer = setTimeout(() => {
    timer = undefined;
    if (addon.collectDebts() && left > 1) tryLater(Math.min(2 * pause, LONGEST_PAUSE_MS), left - 1);
  }, pause).unref();
}
