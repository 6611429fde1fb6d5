import { addon } from '../../base/native/addon.js';

/** Where a handler's code lies. */
export interface HandlerPlace {
  /** In hexadecimal, as debuggers and /proc/<pid>/maps write it. */
  readonly address: string;
  /** Path of the shared object or executable; `null` for code that belongs to none. */
  readonly module: string | null;
  /** The nearest symbol that the module exports; `null` when there is none. */
  readonly symbol: string | null;
  /** Bytes from the symbol, or from the start of the module. */
  readonly offset: number;
}

/**
 * Whose handler it is: sigbridge's, libuv's, another one of the JavaScript runtime's own
 * executable, or any other module's.
 */
export type Owner = 'sigbridge' | 'libuv' | 'runtime' | 'native';

const OWNERS: readonly (Owner | null)[] = [null, 'sigbridge', 'libuv', 'runtime', 'native'];

// dladdr(3) searches all symbols of a module: a millisecond in a large executable.
const places = new Map<bigint, HandlerPlace>();

export function ownerOf(code: number): Owner | null {
  return OWNERS[code] ?? null;
}

export function placeOf(address: bigint): HandlerPlace {
  let place = places.get(address);
  if (place === undefined) {
    const [module, symbol, offset] = addon.describe(address);
    place = Object.freeze({
      address: `0x${address.toString(16)}`,
      module: module || null,
      symbol: symbol || null,
      offset,
    });
    places.set(address, place);
  }
  return place;
}
