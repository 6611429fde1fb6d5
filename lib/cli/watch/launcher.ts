import { existsSync } from 'node:fs';
import { unsupported } from '../../base/errors/SignalError.js';
import { besideAddon } from '../../base/native/load.js';

/** @internal The program behind `sigbridge run`: what it starts for us does not outlive us. */
export function launcher(): string {
  const path = besideAddon('launcher');
  if (!existsSync(path)) throw unsupported("'sigbridge watch'", `${path} was not built`);
  return path;
}
