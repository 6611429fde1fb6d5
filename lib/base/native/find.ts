/**
 * Finds the native part among the packages that may bring it. Each name stands as a literal in a
 * `require` within a `try`: so bundlers and tracers find it, and bear with those that are not there.
 */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { Addon } from './exports.js';
import { glibcVersion } from './glibc.js';

/** As native/index.js has it. Launcher and library need not be there. */
export interface NativePart {
  readonly launcher: string;
  readonly preload: string;
  load(): Addon;
}

export interface Found extends NativePart {
  readonly addon: Addon;
  /** The package is a checkout of sigbridge, or made of one: `#native` is in it. */
  readonly inPackage: boolean;
}

/** A package that was of no use, and why: `MODULE_NOT_FOUND` where it is not installed. */
export interface Failure {
  readonly name: string;
  readonly error: unknown;
}

/** The first native part that can be loaded and started, or why none could. */
export function findNative(usesLibuv: boolean): Found | Failure[] {
  const failures: Failure[] = [];
  for (const [name, folder] of candidates()) {
    try {
      let part: NativePart;
      /* eslint-disable @typescript-eslint/no-require-imports */
      switch (folder ?? name) {
        case '@sigbridge/source':
          part = require('@sigbridge/source') as NativePart;
          break;
        case '@sigbridge/linux-x64-glibc':
          part = require('@sigbridge/linux-x64-glibc') as NativePart;
          break;
        case '@sigbridge/linux-x64-musl':
          part = require('@sigbridge/linux-x64-musl') as NativePart;
          break;
        case '@sigbridge/linux-arm64-glibc':
          part = require('@sigbridge/linux-arm64-glibc') as NativePart;
          break;
        case '@sigbridge/linux-arm64-musl':
          part = require('@sigbridge/linux-arm64-musl') as NativePart;
          break;
        case '@sigbridge/darwin-x64':
          part = require('@sigbridge/darwin-x64') as NativePart;
          break;
        case '@sigbridge/darwin-arm64':
          part = require('@sigbridge/darwin-arm64') as NativePart;
          break;
        case '#native':
          part = require('#native') as NativePart;
          break;
        default:
          if (folder === undefined) continue;
          part = partIn(folder);
      }
      /* eslint-enable @typescript-eslint/no-require-imports */
      const addon = part.load();
      addon.start(usesLibuv);
      return { ...part, addon, inPackage: name === '#native' };
    } catch (error) {
      failures.push({ name, error });
    }
  }
  return failures;
}

// Where this is part of a bundle there may be none, or one that knows no folders.
const own: Partial<NodeJS.Module> | undefined = typeof module === 'object' ? module : undefined;

/** What native/index.js of the package in this folder says: to find and read it costs as much as the addon. */
function partIn(folder: string): NativePart {
  return {
    launcher: `${folder}/build/Release/sigbridge-run`,
    preload: `${folder}/build/Release/sigbridge-preload.so`,
    // By another name than `require`: bundlers would have to know what it loads.
    load: () => own?.require?.(`${folder}/${ADDON}`) as Addon,
  };
}

const ADDON = 'build/Release/sigbridge.node';

/**
 * What was built on this machine before what was shipped; only a checkout has the last. What lies where Node
 * looks for packages comes first, with its folder. The others may be in a bundle: to ask for what is not
 * there costs as much as to load what is.
 */
function* candidates(): Generator<readonly [name: string, folder?: string | undefined]> {
  const platform = `@sigbridge/${process.platform}-${process.arch}`;
  const shipped =
    process.platform === 'linux' ? [`${platform}-glibc`, `${platform}-musl`] : [platform];
  const names = ['@sigbridge/source', ...shipped];
  const folders = new Map(names.map((name) => [name, folderOf(name)]));
  for (const name of ownFirst(names.filter((name) => folders.get(name) !== undefined))) {
    yield [name, folders.get(name)];
  }
  for (const name of ownFirst(names.filter((name) => folders.get(name) === undefined))) {
    yield [name];
  }
  yield ['#native'];
}

function folderOf(name: string): string | undefined {
  try {
    const found = own?.paths?.find((folder) => existsSync(`${folder}/${name}/${ADDON}`));
    return found === undefined ? undefined : `${found}/${name}`;
  } catch {
    return undefined; // not allowed to look
  }
}

/** This process's C library first, where there is a choice. Some package managers install for both. */
function ownFirst(names: readonly string[]): readonly string[] {
  const isChoice = names.filter((name) => /-(glibc|musl)$/.test(name)).length > 1;
  return isChoice && usesMusl() ? [...names.slice(0, -2), ...names.slice(-2).reverse()] : names;
}

// By the loader that the executable names: musl's may be there beside glibc, and glibc's beside musl.
function usesMusl(): boolean {
  const cpu = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  try {
    if (!existsSync(`/lib/ld-musl-${cpu}.so.1`)) return false;
    const head = Buffer.alloc(4096);
    const file = openSync(process.execPath, 'r');
    readSync(file, head);
    closeSync(file);
    return head.includes('/ld-musl-');
  } catch {
    return glibcVersion() === undefined; // slower, and needs no file
  }
}
