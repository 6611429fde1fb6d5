import { addon } from '../../base/native/addon.js';
import { placeOf, type HandlerPlace } from '../look/handler.js';
import { toNumber, type SignalName } from '../../base/signal/names.js';

/**
 * The C handlers that a bridge of this signal calls, or would call if it were made now. sigbridge
 * calls the first; each further one is called by the one before it, if that hands the signal on.
 * Neither libuv's handler is among them, which `process.on` sees to, nor the runtime's own that
 * ends the process. Changes nothing; may be called from any thread.
 * Sources: sigaction(2), dladdr(3).
 * @throws ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_INVALID_ARG
 */
export function handlersOf(signal: SignalName | number): HandlerPlace[] {
  return addon.handlersBelow(toNumber(signal)).map(({ address }) => placeOf(address));
}
