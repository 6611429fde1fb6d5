import { readFileSync } from 'node:fs';

/** The real-time signals that programs may use; `{ min: 0, max: 0 }` where there are none. */
export interface RealtimeRange {
  readonly min: number;
  readonly max: number;
}

/** Set by the C library when a process starts, not by the compiler: signal(7). */
export const realtime: RealtimeRange = fromAddon() ?? fromPlatform();

function fromAddon(): RealtimeRange | null {
  try {
    // A static import would take the names, and the command line, down with a missing binary.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { addon } = require('../native/addon.js') as typeof import('../native/addon.js');
    return { min: addon.constants.sigrtmin, max: addon.constants.sigrtmax };
  } catch {
    return null;
  }
}

// glibc keeps two signals for its threads, musl three.
function fromPlatform(): RealtimeRange {
  if (process.platform !== 'linux') return { min: 0, max: 0 };
  return {
    min: readFileSync('/proc/self/maps', 'latin1').includes('/ld-musl-') ? 35 : 34,
    max: 64,
  };
}
