import { constants } from 'node:os';
import { invalidArg, SignalError } from '../../base/errors/SignalError.js';
import { registrations } from '../receive/listeners.js';
import { listenable } from '../receive/on.js';
import { isStandIn } from '../receive/standIns.js';
import { leaveUnseen, listenUnseen } from '../receive/unseen.js';
import { holdWithWayOut, type Hold } from './hold.js';
import { mainModuleHasRun } from './mainModule.js';

/**
 * Holds each of the signals until somebody listens to it, or else until the program has started.
 * A program that never comes so far is not deaf: a second SIGINT does what it would have done, and so
 * does whatever was kept, or comes, after `ms`.
 * @param list names or numbers, separated by commas; none when empty
 * @param ms milliseconds, as text; `'0'`: no such time
 * @throws as `on` for what is no signal; ERR_INVALID_ARG for what is no time
 */
export function holdUntilStarted(list: string, ms: string): void {
  const longest = parseMs(ms);
  const held = new Map(
    parse(list).map((number): [number, Hold] => [number, holdWithWayOut(number, longest)]),
  );
  if (held.size === 0) return;
  const release = (number: number): void => {
    const one = held.get(number);
    if (one === undefined) return;
    held.delete(number);
    if (held.size === 0) stopWatching();
    releaseSoon(one);
  };
  const stopWatching = watchRegistrations(release);
  const releaseAll = (): void => {
    for (const number of [...held.keys()]) release(number);
  };
  void mainModuleHasRun().then(releaseAll);
  if (longest > 0) setTimeout(releaseAll, longest).unref();
}

// Whoever is registering has not finished yet.
function releaseSoon(held: Hold): void {
  process.nextTick(() => {
    held.release();
  });
}

function parse(list: string): readonly number[] {
  const parts = list.split(',').map((part) => part.trim());
  const given = parts.filter((part) => part !== '');
  if (given.length === 0) return [];
  try {
    return listenable(given.map((part) => (/^\d+$/.test(part) ? Number(part) : part)));
  } catch (error) {
    throw error instanceof SignalError ? inEnvironment(error) : error;
  }
}

function parseMs(text: string): number {
  const ms = Number(text);
  if (/^\d+$/.test(text) && ms <= LONGEST_MS) return ms;
  throw invalidArg('SIGBRIDGE_HOLD_MS', text, `milliseconds from 0 (no limit) to ${LONGEST_MS}`);
}

function inEnvironment({ code, message, signal }: SignalError): SignalError {
  return new SignalError(code, `SIGBRIDGE_HOLD: ${message}`, { signal });
}

function watchRegistrations(tell: (number: number) => void): () => void {
  const byName = (name: string | symbol, listener: unknown): void => {
    const number = numbers.get(name);
    if (number !== undefined && !isStandIn(listener)) tell(number);
  };
  registrations.add(tell);
  listenUnseen('newListener', byName);
  return () => {
    registrations.delete(tell);
    leaveUnseen('newListener', byName);
  };
}

/** What a timer takes. */
const LONGEST_MS = 2 ** 31 - 1;

const numbers = new Map<unknown, number>(Object.entries(constants.signals));
