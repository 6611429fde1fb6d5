import { readFileSync } from 'node:fs';
import { SignalError } from '../errors/SignalError.js';
import { loadAddon } from '../native/load.js';

/** The real-time signals that programs may use; `{ min: 0, max: 0 }` where there are none. */
export interface RealtimeRange {
  readonly min: number;
  readonly max: number;
}

let range: RealtimeRange | undefined;

/** Set by the C library when a process starts, not by the compiler: signal(7). */
export function realtime(): RealtimeRange {
  return (range ??= find());
}

// The names, and the command line, must not go down with a missing binary.
function find(): RealtimeRange {
  const addon = loadAddon();
  if (addon instanceof SignalError) return fromPlatform();
  return { min: addon.constants.sigrtmin, max: addon.constants.sigrtmax };
}

// glibc keeps two signals for its threads, musl three.
function fromPlatform(): RealtimeRange {
  if (process.platform !== 'linux') return { min: 0, max: 0 };
  return { min: usesMusl() ? 35 : 34, max: 64 };
}

function usesMusl(): boolean {
  try {
    return readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-');
  } catch {
    return false; // not allowed to look
  }
}
