// A listener on `process` that does nothing, for each signal that somebody takes here: whoever asks there
// who else listens comes to the conclusion that he would come to if ours had come by `process.on`. So ask
// signal-exit, and all that stands on it, and `vm` where `breakOnSigint` interrupts a script.
import { addon } from '../../base/native/addon.js';
import { usesLibuv } from '../../base/native/load.js';
import { signalNumbers } from '../../base/signal/numbers.js';
import { count, insert, remove } from './pastOn.js';

// Of the signals that `process` tells of here: in the main thread alone.
let names: readonly (string | undefined)[] | undefined;

// How many take each signal, by number.
const takers: number[] = [];
// Those that somebody has put back by `process.on`, so that Node has libuv watch for them.
const known = new Set<string>();

function nameOf(number: number): string | undefined {
  return (names ??= namesByNumber())[number];
}

function namesByNumber(): string[] {
  const found: string[] = [];
  if (!usesLibuv || !addon.isMainThread()) return found;
  for (const [name, number] of Object.entries(signalNumbers())) {
    found[number] ??= name; // an alias comes later
    takers[number] = 0;
  }
  return found;
}

function isTaken(name: string): boolean {
  return names?.some((its, number) => its === name && (takers[number] ?? 0) > 0) === true;
}

/** Somebody takes the signal from now on. Each call is owed a {@link leave}. */
export function stand(number: number): void {
  const name = nameOf(number);
  if (name === undefined) return;
  const before = takers[number] ?? 0;
  takers[number] = before + 1;
  if (before === 0) insert(name, standsForSigbridge);
}

/** One taker of the signal less; nothing is left on `process` after the last one. */
export function leave(number: number): void {
  const name = nameOf(number);
  if (name === undefined) return;
  const left = (takers[number] ?? 1) - 1;
  takers[number] = left;
  if (left > 0) return;
  if (known.size > 0 && known.has(name)) standAnew(name);
  else remove(name, standsForSigbridge);
}

/** Whether it stands for others, here or in another copy of sigbridge in this process. */
export function isStandIn(listener: unknown): boolean {
  return typeof listener === 'function' && MARK in listener;
}

/** Whether it is the one of this copy. */
export function isOurs(listener: unknown): boolean {
  return listener === standsForSigbridge;
}

/** How many others listen by `process.on`. */
export function countOthers(name: string): number {
  return process.listenerCount(name) - count(name, isStandIn);
}

/** Somebody has put it back with his own, by `process.on`: {@link standAnew} is due. */
export function wasPutBack(name: string): void {
  known.add(name);
}

/**
 * Puts it right after others have taken it away, or put it back; and when their last one has gone: Node
 * has libuv watch the signal then, as long as it sees a listener.
 */
export function standAnew(name: string): void {
  known.delete(name);
  for (let left = count(name, isOurs); left > 0; left--) process.off(name, standsForSigbridge);
  if (isTaken(name)) insert(name, standsForSigbridge);
}

const MARK = Symbol.for('sigbridge.standIn');
Object.defineProperty(standsForSigbridge, MARK, { value: true });

// Called where libuv watches for others. Where nobody takes the signal any more, somebody has saved it, and
// has put it back too late: then it must not keep further ones from what they do.
function standsForSigbridge(name: string): void {
  if (!isTaken(name)) standAnew(name);
}
