// What a signal or a stack for handlers is set to, named, from the numbers in which the kernel has it; and which of
// them are the same to the kernel.
import { constants } from 'node:os';
import { addon } from '../../base/native/addon.js';
import { namesOf } from '../../base/signal/names.js';
import type { RawStack, RawState } from './log.js';
import type { ActionState, AlternateStack } from './model.js';
import type { Places } from './places.js';

const SS_DISABLE = 2;
const SIGCHLD = constants.signals.SIGCHLD;
// SA_NOCLDSTOP and SA_NOCLDWAIT: sigaction(2).
const CHILD_FLAGS = 3;

/** An action, from the numbers in which the kernel has it. */
function actionState({ handler, mask, flags }: RawState, places: Places): ActionState {
  return {
    disposition: handler === 0n ? 'default' : handler === 1n ? 'ignore' : 'handler',
    handler: handler > 1n ? places.at(handler) : null,
    flags: flagNames(flags),
    mask: namesOf(mask),
  };
}

/** The same states come again and again: each is one object. */
export class States {
  readonly #known = new Map<bigint, { raw: RawState; state: ActionState }[]>();

  constructor(readonly places: Places) {}

  of(raw: RawState): ActionState {
    let known = this.#known.get(raw.handler);
    if (known === undefined) this.#known.set(raw.handler, (known = []));
    const same = known.find((one) => one.raw.mask === raw.mask && one.raw.flags === raw.flags);
    if (same !== undefined) return same.state;
    const state = actionState(raw, this.places);
    known.push({ raw, state });
    return state;
  }
}

/** A stack for handlers, likewise. */
export function alternateStack({ start, size, flags }: RawStack): AlternateStack {
  return { enabled: (flags & SS_DISABLE) === 0, address: `0x${start.toString(16)}`, size };
}

/** Whether the kernel does anything else with the signal: without a handler, most flags say nothing. */
export function differs(signal: number, from: RawState, to: RawState): boolean {
  if (from.handler !== to.handler) return true;
  if (to.handler > 1n) return from.mask !== to.mask || from.flags !== to.flags;
  return signal === SIGCHLD && ((from.flags ^ to.flags) & CHILD_FLAGS) !== 0;
}

/** The same of a thread's stack for handlers. */
export function stackDiffers(from: RawStack, to: RawStack): boolean {
  const [isOff, goesOff] = [from, to].map(({ flags }) => (flags & SS_DISABLE) !== 0);
  if (isOff || goesOff) return isOff !== goesOff;
  return from.start !== to.start || from.size !== to.size;
}

const flagLists = new Map<number, string[]>();

function flagNames(flags: number): string[] {
  let list = flagLists.get(flags);
  if (list === undefined) {
    const known = Object.entries(addon.constants.flags);
    // A flag may be the sign bit.
    list = known.filter(([, bit]) => (flags & bit) >>> 0 !== 0).map(([name]) => name);
    flagLists.set(flags, list);
  }
  return list;
}
