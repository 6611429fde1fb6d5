import { displacedBy, looks } from '../look/inspect.js';
import { displacements, tellDisplacement } from '../events/channels.js';
import { followLoading, leaveLoading } from '../events/dlopen.js';
import { addon, requireNative } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { readOptions } from '../../base/errors/options.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import { allSignals, toName, toNumber, type SignalName } from '../../base/signal/names.js';
import type { Displacement } from '../events/Displacement.js';

/** What {@link onDisplaced} does by itself. */
export interface OnDisplacedOptions {
  /** Take it back by itself, before the listener is called. Default `false`. */
  reclaim?: boolean;
}

/** A listener at work, see {@link onDisplaced}. */
export interface DisplacementWatch extends Disposable {
  /** Whether the listener is not called any more. */
  readonly closed: boolean;
  /** The listener is not called any more. */
  close(): void;
}

/**
 * The signals whose handler native code has set over sigbridge's. While it stands there, it alone is
 * called; JavaScript hears the signal only if that handler hands it on. May be called from any thread.
 * Sources: sigaction(2), which tells what stands.
 * @throws ERR_UNSUPPORTED (no native part)
 */
export function displaced(): Displacement[] {
  const found = allSignals().flatMap((number) => displacementOf(number) ?? []);
  noticeAll();
  return found;
}

/**
 * Stands on top again, of one signal or of all that are displaced, and chains to the newcomer, which
 * is called from now on as if it had been there before. Gives back what it has taken back.
 * May be called from any thread.
 * Sources: sigaction(2).
 * @throws ERR_UNKNOWN_SIGNAL, ERR_RESERVED_SIGNAL, ERR_INVALID_ARG
 */
export function reclaim(signal?: SignalName | number): Displacement[] {
  const numbers = signal === undefined ? allSignals() : [toNumber(signal)];
  return numbers.flatMap((number) => {
    const displacement = displacementOf(number);
    if (displacement === null) return [];
    takeBack(number);
    return displacement;
  });
}

/**
 * Calls `listener` once for each displacement, when it is noticed: after each `process.dlopen` (which
 * loads native addons) of this thread, at each `inspect` of the signal, and at each call of `displaced`.
 * There is no polling: a library that sets its handler later is noticed at the next of these.
 * Sources: sigaction(2), dlopen(3).
 * @throws ERR_INVALID_ARG, ERR_UNSUPPORTED
 */
export function onDisplaced(
  listener: (displacement: Displacement) => void,
  options?: OnDisplacedOptions,
): DisplacementWatch {
  if (typeof listener !== 'function') throw invalidArg('listener', listener, 'a function');
  const { reclaim: takesBack = false } = readOptions(options, {
    reclaim: 'boolean',
  }) as OnDisplacedOptions;
  requireNative();
  const watch = new Watch(listener, takesBack);
  if (watches.size === 0) startNoticing();
  watches.add(watch);
  return watch;
}

const watches = new Set<Watch>();

class Watch implements DisplacementWatch {
  // By signal: whom the listener was told of last.
  readonly #told = new Map<number, string>();

  constructor(
    readonly listener: (displacement: Displacement) => void,
    readonly takesBack: boolean,
  ) {}

  get closed(): boolean {
    return !watches.has(this);
  }

  tell(number: number, displacement: Displacement | null): void {
    if (displacement === null) {
      this.#told.delete(number);
      return;
    }
    const who = whoOf(displacement);
    if (this.#told.get(number) === who) return;
    this.#told.set(number, who);
    if (this.takesBack) takeBack(number);
    // Outside of whatever has noticed it, which an error of the listener must not disturb.
    process.nextTick(() => {
      if (!this.closed) this.listener(displacement);
    });
  }

  close(): void {
    if (watches.delete(this) && watches.size === 0) stopNoticing();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function displacementOf(number: number): Displacement | null {
  const found = displacedBy(number);
  if (found === null) {
    published.delete(number);
    return null;
  }
  const displacement = {
    signal: toName(number),
    disposition: found.disposition,
    by: found.handler,
  };
  if (displacements.hasSubscribers) publishOnce(number, displacement);
  return displacement;
}

// By signal: whom the diagnostics channel was told of last.
const published = new Map<number, string>();

function publishOnce(number: number, displacement: Displacement): void {
  const who = whoOf(displacement);
  if (published.get(number) === who) return;
  published.set(number, who);
  tellDisplacement(displacement);
}

function whoOf({ by, disposition }: Displacement): string {
  return by?.address ?? disposition;
}

function takeBack(number: number): void {
  check(addon.reclaim(number), 'sigaction', { signal: toName(number) });
  published.delete(number);
  for (const watch of watches) watch.tell(number, null);
}

function notice(number: number): void {
  const displacement = displacementOf(number);
  for (const watch of watches) watch.tell(number, displacement);
}

const loading = { after: noticeAll };

function startNoticing(): void {
  looks.add(notice);
  followLoading(loading);
}

function stopNoticing(): void {
  looks.delete(notice);
  leaveLoading(loading);
}

function noticeAll(): void {
  if (watches.size > 0) for (const number of allSignals()) notice(number);
}
