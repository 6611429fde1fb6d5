import { SignalError } from '../errors/SignalError.js';
import { loadAddon } from './load.js';
import type { Addon } from './exports.js';

export const addon = required();

/** @throws ERR_UNSUPPORTED */
function required(): Addon {
  const loaded = loadAddon();
  if (loaded instanceof SignalError) throw loaded;
  return loaded;
}
