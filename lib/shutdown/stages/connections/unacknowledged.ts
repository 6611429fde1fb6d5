import type { Socket } from 'node:net';
import { SignalError } from '../../../base/errors/SignalError.js';
import { loadAddon } from '../../../base/native/load.js';

/**
 * @internal How many bytes the system has taken for this socket that the other side's system has not
 * acknowledged; 0 where that is not known.
 */
export function unacknowledged(socket: Socket): number {
  const { fd = -1 } = (socket as { _handle?: { fd?: number } | null })._handle ?? {};
  const native = loadAddon();
  return fd < 0 || native instanceof SignalError ? 0 : native.unacknowledged(fd);
}
