import { readlinkSync } from 'node:fs';
import { unsupported } from '../../../base/errors/SignalError.js';

/**
 * Pids in /proc must be those that kill(2) takes.
 * @throws ERR_UNSUPPORTED
 */
export function requireOwnProc(): void {
  let self: string;
  try {
    self = readlinkSync('/proc/self');
  } catch (error) {
    throw unsupported('Looking at a process', 'there is no /proc', error);
  }
  if (self === String(process.pid)) return;
  throw unsupported(
    'Looking at a process',
    '/proc is that of another pid namespace: start it with unshare --mount-proc, or mount -t proc proc /proc',
  );
}
