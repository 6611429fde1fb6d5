/**
 * The native part. Where there is none, whatever is asked of it throws ERR_UNSUPPORTED and says why: to
 * import this is no error.
 */
import { SignalError } from '../errors/SignalError.js';
import { loadAddon } from './load.js';
import type { Addon } from './exports.js';

const loaded = loadAddon();

export const addon: Addon = loaded instanceof SignalError ? absent(loaded) : loaded;

/**
 * Whether sigbridge's native part is at work here. Where it is not (Windows, `node --no-addons`, no binary
 * for this system), what `sigbridge` exports throws `ERR_UNSUPPORTED` with the cause and what to do about
 * it, while `sigbridge/shutdown` and `sigbridge/manager` work on `process.on`. From any thread. No errors.
 * Sources: dlopen(3).
 */
export function isSupported(): boolean {
  return !(loaded instanceof SignalError);
}

/** For what asks nothing of the native part by itself. @throws ERR_UNSUPPORTED */
export function requireNative(): void {
  if (loaded instanceof SignalError) throw again(loaded);
}

function absent(why: SignalError): Addon {
  return new Proxy({} as Addon, {
    get() {
      throw again(why);
    },
  });
}

// With the stack of this call.
function again({ code, message, cause }: SignalError): SignalError {
  return new SignalError(code, message, { cause });
}
