import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalError, unsupported } from '../errors/SignalError.js';
import type { Addon } from './addon.js';

/** Deno has no libuv; Bun has its functions, and they abort. */
export const usesLibuv =
  process.versions['bun'] === undefined && process.versions['deno'] === undefined;

let loaded: Addon | SignalError | undefined;

/** The native part, or why there is none here; looked for once. */
export function loadAddon(): Addon | SignalError {
  return (loaded ??= load());
}

function load(): Addon | SignalError {
  try {
    // Here and not above: what needs no native part must not need its loader either.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const find = require('node-gyp-build') as (folder: string) => Addon;
    const found = find(packageRoot(__dirname));
    found.start(usesLibuv);
    return found;
  } catch (error) {
    return unsupported(
      `sigbridge on ${process.platform} ${process.arch}`,
      'its native part could not be loaded',
      error,
    );
  }
}

// Wherever below it a build has put this code.
function packageRoot(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, 'package.json')) ? folder : packageRoot(above);
}
