// libuv's watcher, which keeps libuv's own handler from ours, is taken a turn after the first listener of a
// signal has come: to take it costs as much as all the rest. Until then it is taken before somebody else can
// begin to watch through libuv: `process.on`, and native code, by the time that it is loaded.
import { constants } from 'node:os';
import { addon } from '../../base/native/addon.js';
import { usesLibuv } from '../../base/native/load.js';
import { followLoading, leaveLoading } from '../events/dlopen.js';
import { leaveUnseen, listenUnseen } from './unseen.js';

const numbers: Readonly<Record<string, number>> = constants.signals;

let announcing = false;

/** Somebody is about to take a signal, in this turn. */
export function announceWatchers(): void {
  if (announcing || !usesLibuv || !addon.isMainThread()) return;
  announcing = true;
  // Before Node's own listener for this event, which has libuv watch.
  listenUnseen('newListener', beforeNewListener, true);
  followLoading(loading);
  addon.setScriptAnnounces(true);
  setImmediate(endAnnouncing).unref();
}

const loading = {
  before: (): void => {
    addon.tend();
  },
};

function beforeNewListener(event: string | symbol): void {
  const number = typeof event === 'string' ? numbers[event] : undefined;
  if (number !== undefined) addon.holdNow(number);
}

function endAnnouncing(): void {
  addon.setScriptAnnounces(false);
  leaveUnseen('newListener', beforeNewListener);
  leaveLoading(loading);
  announcing = false;
}
