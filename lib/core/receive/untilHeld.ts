// libuv's watcher, which keeps libuv's own handler from ours, is taken a turn after the first listener of a
// signal has come: to take it costs as much as all the rest. Until then it is taken before somebody else can
// begin to watch through libuv: `process.on` (processListeners.ts), and native code, by the time that it is
// loaded.
import { addon } from '../../base/native/addon.js';
import { usesLibuv } from '../../base/native/load.js';
import { followLoading, leaveLoading } from '../events/dlopen.js';

let inMainThread: boolean | undefined;
let announcing = false;

/**
 * Somebody is about to take a signal, in this turn. The next one is on its way then. `isKnown`: to the
 * native part.
 */
export function announceWatchers(isKnown: boolean): void {
  if (announcing || !usesLibuv || !(inMainThread ??= addon.isMainThread())) return;
  announcing = true;
  followLoading(loading);
  if (!isKnown) addon.announceUntilTurn();
}

/** Whether somebody has begun to take a signal in this turn. */
export function isAnnouncing(): boolean {
  return announcing;
}

/** The next turn has come. */
export function endAnnouncing(): void {
  if (!announcing) return;
  announcing = false;
  leaveLoading(loading);
}

const loading = {
  before: (): void => {
    addon.tend();
  },
};
