/** What stands for a signal, in the least of code: whoever listens asks for it, and few for more. */
import { addon } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { toName } from '../../base/signal/names.js';
import { ownerOf, type Owner } from './handler.js';

/** What a signal does as a whole, as sigaction(2) has it. */
export type Disposition = 'default' | 'ignore' | 'handler';

// The columns of native/binding/look.cc.
export const [ADDRESS, FLAGS, MASK, BLOCKED, PENDING, OWNER, MANAGED, DISPLACED, COLUMNS] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
];
const row = new BigUint64Array(new ArrayBuffer(COLUMNS * 8));

/** Looks at a signal; what was seen is in the columns until the next look. */
export function read(number: number): void {
  check(addon.look(number, row), 'sigaction', { signal: toName(number) });
}

export const column = (index: number): bigint => row[index] ?? 0n;

/** What `inspect` says, without the checks, and without names. */
export function dispositionNow(number: number): {
  disposition: Disposition;
  managed: boolean;
  owner: Owner | null;
  once: boolean;
} {
  read(number);
  return {
    disposition: dispositionOf(column(ADDRESS)),
    managed: column(MANAGED) === 1n,
    owner: ownerOf(Number(column(OWNER))),
    once: flagNames(Number(column(FLAGS))).includes('SA_RESETHAND'),
  };
}

// SIG_DFL is 0 and SIG_IGN is 1 on every system that has them.
export function dispositionOf(address: bigint): Disposition {
  if (address === 0n) return 'default';
  return address === 1n ? 'ignore' : 'handler';
}

const flagLists = new Map<number, readonly string[]>([[0, Object.freeze([])]]);

// A process knows few different flags.
export function flagNames(flags: number): readonly string[] {
  let list = flagLists.get(flags);
  if (list === undefined) {
    const found = Object.entries(addon.constants.flags)
      .filter(([, bit]) => (flags & bit) !== 0)
      .map(([name]) => name);
    flagLists.set(flags, (list = Object.freeze(found)));
  }
  return list;
}
