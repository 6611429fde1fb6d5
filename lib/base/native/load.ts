import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalError, unsupported } from '../errors/SignalError.js';
import type { Addon } from './exports.js';
import { glibcVersion } from './glibc.js';
import { findNative, type Found } from './find.js';
import { causeOf, whyNot } from './why.js';

/** Deno has no libuv; Bun has its functions, and they abort. */
export const usesLibuv =
  process.versions['bun'] === undefined && process.versions['deno'] === undefined;

let loaded: Found | SignalError | undefined;

/** The native part, or why there is none here; looked for once. */
export function loadAddon(): Addon | SignalError {
  const found = native();
  return found instanceof SignalError ? found : found.addon;
}

/**
 * The program for `sigbridge run`, or the library for `sigbridge trace`, from where the addon is. It need
 * not be there.
 * @throws where there is no addon either
 */
export function besideAddon(name: 'launcher' | 'preload'): string {
  const found = native();
  if (found instanceof SignalError) throw found;
  return found[name];
}

/** What the launcher must be told to find this package, where it lies in another one. */
export function launcherOptions(): string[] {
  const found = native();
  if (found instanceof SignalError || found.inPackage) return [];
  return [`--package=${packageRoot(__dirname)}`];
}

function native(): Found | SignalError {
  return (loaded ??= load());
}

function load(): Found | SignalError {
  const found = findNative(usesLibuv);
  if ('addon' in found) return found;
  const cause = causeOf(found);
  return unsupported(
    `sigbridge on ${process.platform} ${process.arch}`,
    whyNot(cause, ownRoot(), glibcVersion),
    cause,
  );
}

// A bundle of ES modules has no such folder; where files are forbidden, it cannot be told.
function ownRoot(): string | undefined {
  try {
    return packageRoot(__dirname);
  } catch {
    return undefined;
  }
}

/** The package's folder, wherever below it a build has put this code. */
export function packageRoot(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, 'package.json')) ? folder : packageRoot(above);
}
