import { addon } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { allSignals, namesOf, toName, toNumber, type SignalName } from '../../base/signal/names.js';
import {
  defaultAction,
  traits,
  type DefaultAction,
  type SignalTraits,
} from '../../base/signal/traits.js';
import { ownerOf, placeOf, type HandlerPlace, type Owner } from './handler.js';

/** What a signal does as a whole, as sigaction(2) has it. */
export type Disposition = 'default' | 'ignore' | 'handler';

/** Everything about one signal in this process, at the moment of the call. */
export interface SignalState {
  /** The signal's name. */
  signal: string;
  /** The signal's number on this system. */
  number: number;
  /** What the kernel does with it: sigaction(2). */
  disposition: Disposition;
  /** Whose handler stands; `null` when there is none. */
  owner: Owner | null;
  /** Where the code of the handler lies; `null` when there is none. */
  handler: HandlerPlace | null;
  /** `'SA_RESTART'` and so on, as the handler was installed with. */
  flags: readonly string[];
  /** What is blocked while the handler runs, beside what is blocked already. */
  mask: readonly string[];
  /** Whether the calling thread blocks it. */
  blocked: boolean;
  /** Whether it waits, for the calling thread or for any thread of the process. */
  pending: boolean;
  /** What the kernel does with it where the disposition is the default: signal(7). */
  defaultAction: DefaultAction;
  /** What never changes about it. */
  traits: SignalTraits;
  /**
   * For a signal that sigbridge manages: who is called, in this order. C handlers that were stacked
   * by several libraries are all shown; each after the first is called by the one before it, if
   * that hands the signal on. When somebody has installed over sigbridge: that handler alone.
   */
  chain: readonly ChainEntry[];
}

/** One of those whom a managed signal calls, in their order. */
export interface ChainEntry {
  /** Whose handler it is, as in {@link SignalState.owner}. */
  owner: Owner | null;
  /** Where its code lies. */
  handler: HandlerPlace;
}

// The columns of native/binding/look.cc.
const [ADDRESS, FLAGS, MASK, BLOCKED, PENDING, OWNER, MANAGED, DISPLACED, COLUMNS] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8,
];
const row = new BigUint64Array(new ArrayBuffer(COLUMNS * 8));
const column = (index: number): bigint => row[index] ?? 0n;

const NONE: readonly never[] = Object.freeze([]);

/**
 * What a signal does in this process now, and whose code it runs. Changes nothing. The first look
 * at a handler of the runtime's own finds out which one is libuv's, on a signal that nobody uses.
 *
 * May be called from any thread. Sources: sigaction(2) with a null action, pthread_sigmask(3),
 * sigpending(2), dladdr(3).
 * @throws ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_INVALID_ARG
 */
export function inspect(signal: SignalName | number): SignalState {
  return look(toNumber(signal));
}

/**
 * {@link inspect} for every signal that programs may use, by number. May be called from any thread.
 * Sources: as {@link inspect}.
 * @throws ERR_UNSUPPORTED (no native part)
 */
export function inspectAll(): SignalState[] {
  return allSignals().map(look);
}

/**
 * Whether the signal's disposition is `SIG_IGN`. Errors as {@link inspect}. May be called from any
 * thread. sigaction(2).
 */
export function ignored(signal: SignalName | number): boolean {
  const number = toNumber(signal);
  check(addon.look(number, row), 'sigaction', { signal: toName(number) });
  return dispositionOf(column(ADDRESS)) === 'ignore';
}

/** @internal Told the number of a managed signal that has just been looked at. */
export const looks = new Set<(number: number) => void>();

/** @internal What stands in the place of our handler; `null` where nothing does. */
export function displacedBy(
  number: number,
): { disposition: Disposition; handler: HandlerPlace | null } | null {
  check(addon.look(number, row), 'sigaction', { signal: toName(number) });
  if (column(DISPLACED) === 0n) return null;
  const address = column(ADDRESS);
  const disposition = dispositionOf(address);
  return { disposition, handler: disposition === 'handler' ? placeOf(address) : null };
}

/** @internal The same without the checks, and without names. */
export function dispositionNow(number: number): {
  disposition: Disposition;
  managed: boolean;
  owner: Owner | null;
  once: boolean;
} {
  check(addon.look(number, row), 'sigaction', { signal: toName(number) });
  return {
    disposition: dispositionOf(column(ADDRESS)),
    managed: column(MANAGED) === 1n,
    owner: ownerOf(Number(column(OWNER))),
    once: flagNames(Number(column(FLAGS))).includes('SA_RESETHAND'),
  };
}

function look(number: number): SignalState {
  check(addon.look(number, row), 'sigaction', { signal: toName(number) });
  const address = column(ADDRESS);
  const disposition = dispositionOf(address);
  const bit = 1n << BigInt(number - 1);
  const state: SignalState = {
    signal: toName(number),
    number,
    disposition,
    owner: ownerOf(Number(column(OWNER))),
    handler: disposition === 'handler' ? placeOf(address) : null,
    flags: flagNames(Number(column(FLAGS))),
    mask: maskNames(column(MASK)),
    blocked: (column(BLOCKED) & bit) !== 0n,
    pending: (column(PENDING) & bit) !== 0n,
    defaultAction: defaultAction(number),
    traits: traits(number),
    chain: column(MANAGED) === 1n ? chainOf(number) : NONE,
  };
  if (column(MANAGED) === 1n) for (const tell of looks) tell(number);
  return state;
}

// SIG_DFL is 0 and SIG_IGN is 1 on every system that has them.
function dispositionOf(address: bigint): Disposition {
  if (address === 0n) return 'default';
  return address === 1n ? 'ignore' : 'handler';
}

function chainOf(number: number): ChainEntry[] {
  return addon
    .chain(number)
    .map(({ owner, address }) => ({ owner: ownerOf(owner), handler: placeOf(address) }));
}

const flagLists = new Map<number, readonly string[]>([[0, NONE]]);
const maskLists = new Map<bigint, readonly string[]>([[0n, NONE]]);

// A process knows few different masks and flags, and naming 64 signals costs more than all the rest.
function maskNames(mask: bigint): readonly string[] {
  let list = maskLists.get(mask);
  if (list === undefined) maskLists.set(mask, (list = Object.freeze(namesOf(mask))));
  return list;
}

function flagNames(flags: number): readonly string[] {
  let list = flagLists.get(flags);
  if (list === undefined) {
    const found = Object.entries(addon.constants.flags)
      .filter(([, bit]) => (flags & bit) !== 0)
      .map(([name]) => name);
    flagLists.set(flags, (list = Object.freeze(found)));
  }
  return list;
}
