import { addon } from '../../base/native/addon.js';
import { allSignals, namesOf, toName, toNumber, type SignalName } from '../../base/signal/names.js';
import {
  defaultAction,
  traits,
  type DefaultAction,
  type SignalTraits,
} from '../../base/signal/traits.js';
import { ownerOf, placeOf, type HandlerPlace, type Owner } from './handler.js';
import {
  ADDRESS,
  BLOCKED,
  column,
  DISPLACED,
  dispositionOf,
  FLAGS,
  flagNames,
  MANAGED,
  MASK,
  OWNER,
  PENDING,
  read,
  type Disposition,
} from './disposition.js';

export type { Disposition };

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
  read(toNumber(signal));
  return dispositionOf(column(ADDRESS)) === 'ignore';
}

/** @internal Told the number of a managed signal that has just been looked at. */
export const looks = new Set<(number: number) => void>();

/** @internal What stands in the place of our handler; `null` where nothing does. */
export function displacedBy(
  number: number,
): { disposition: Disposition; handler: HandlerPlace | null } | null {
  read(number);
  if (column(DISPLACED) === 0n) return null;
  const address = column(ADDRESS);
  const disposition = dispositionOf(address);
  return { disposition, handler: disposition === 'handler' ? placeOf(address) : null };
}

function look(number: number): SignalState {
  read(number);
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

function chainOf(number: number): ChainEntry[] {
  return addon
    .chain(number)
    .map(({ owner, address }) => ({ owner: ownerOf(owner), handler: placeOf(address) }));
}

const maskLists = new Map<bigint, readonly string[]>([[0n, NONE]]);

// A process knows few different masks, and naming 64 signals costs more than all the rest.
function maskNames(mask: bigint): readonly string[] {
  let list = maskLists.get(mask);
  if (list === undefined) maskLists.set(mask, (list = Object.freeze(namesOf(mask))));
  return list;
}
