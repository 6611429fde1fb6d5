/**
 * The numbers of signals by their names, as `process.on` knows them, and of errors, without loading `node:os`
 * where that can be: to load it takes 0.15 ms, a thirtieth of what the package takes.
 */
import { SignalError } from '../errors/SignalError.js';
import { loadAddon } from '../native/load.js';

type Constants = typeof import('node:os').constants;

/** `os.constants.signals`, from the native part where there is one. */
export function signalNumbers(): Readonly<Record<string, number>> {
  const addon = loadAddon();
  return addon instanceof SignalError ? systemConstants().signals : addon.constants.signals;
}

/** `os.constants`. */
export function systemConstants(): Constants {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('node:os') as typeof import('node:os')).constants;
}
