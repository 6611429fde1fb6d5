import { setImmediate as turn } from 'node:timers/promises';
import type { SignalEvent } from '../events/SignalEvent.js';
import { on } from '../receive/on.js';
import type { Subscription } from '../receive/Subscription.js';
import { toName } from '../../base/signal/names.js';

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  /** The exit code; `null` where a signal has ended it. */
  code: number | null;
  /** By name, real-time signals included. */
  signal: string | null;
}

// Node shows a death by a real-time signal as exit code 0; the siginfo of SIGCHLD says by which.
const deaths = new Map<number, number>();
let subscription: Subscription | null = null;
let followers = 0;

/** @internal Call it before the child is started, and what it gives when its end has been told. */
export function followDeaths(): () => void {
  if (++followers === 1) subscription = on('SIGCHLD', note);
  return () => {
    if (--followers > 0) return;
    subscription?.close();
    deaths.clear();
  };
}

/** @internal Whether this file itself listens to SIGCHLD now. */
export function followsDeaths(): boolean {
  return followers > 0;
}

/** @internal How the child ended, given what Node says of it. */
export async function trueExit(pid: number, exit: Exit): Promise<Exit> {
  if (exit.code !== 0) return exit;
  // Both were told by one handler; ours may be read a turn after libuv's.
  await turn();
  await turn();
  const signal = deaths.get(pid);
  return signal === undefined ? exit : { code: null, signal: toName(signal) };
}

function note({ code, pid, status }: SignalEvent): void {
  if (pid === null || status === null) return;
  // A pid may come again.
  deaths.delete(pid);
  if (code === 'CLD_KILLED' || code === 'CLD_DUMPED') deaths.set(pid, status);
}
