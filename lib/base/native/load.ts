import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SignalError, unsupported } from '../errors/SignalError.js';
import type { Addon } from './exports.js';
import { whyNot } from './why.js';

/** Deno has no libuv; Bun has its functions, and they abort. */
export const usesLibuv =
  process.versions['bun'] === undefined && process.versions['deno'] === undefined;

let loaded: Addon | SignalError | undefined;

/** The native part, or why there is none here; looked for once. */
export function loadAddon(): Addon | SignalError {
  return (loaded ??= load());
}

/**
 * Another binary that was built, or shipped, along with the addon: by the same rules, from the same
 * folder. It need not be there.
 * @throws where there is no addon either
 */
export function besideAddon(name: string): string {
  const found = loadAddon();
  if (found instanceof SignalError) throw found;
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { resolve } = require('node-gyp-build') as { resolve: (folder: string) => string };
  const addon = resolve(packageRoot(__dirname));
  // `sigbridge.node`, or with the C library it was built for: `sigbridge.glibc.node`.
  const tag = basename(addon, '.node').replace(/^[^.]*/, '');
  return join(dirname(addon), name + tag);
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
      whyNot(error, ownRoot()),
      error,
    );
  }
}

// A bundle of ES modules has no such folder.
function ownRoot(): string | undefined {
  return typeof __dirname === 'undefined' ? undefined : packageRoot(__dirname);
}

/** The package's folder, wherever below it a build has put this code. */
export function packageRoot(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, 'package.json')) ? folder : packageRoot(above);
}
