import { constants } from 'node:os';
import { SignalError } from '../../base/errors/SignalError.js';
import { registrations } from '../receive/listeners.js';
import { listenable } from '../receive/on.js';
import { hold, type Hold } from './hold.js';
import { mainModuleHasRun } from './mainModule.js';

/**
 * Holds each of the signals until somebody listens to it, or else until the program has started.
 * @param list names or numbers, separated by commas; none when empty
 * @throws as `on` for what is no signal
 */
export function holdUntilStarted(list: string): void {
  const held = new Map(parse(list).map((number) => [number, hold(number)]));
  if (held.size === 0) return;
  const release = (number: number): void => {
    const one = held.get(number);
    if (one === undefined) return;
    held.delete(number);
    if (held.size === 0) stopWatching();
    releaseSoon(one);
  };
  const stopWatching = watchRegistrations(release);
  void mainModuleHasRun().then(() => {
    for (const number of [...held.keys()]) release(number);
  });
}

// Whoever is registering has not finished yet.
function releaseSoon(held: Hold): void {
  process.nextTick(() => {
    held.release();
  });
}

function parse(list: string): number[] {
  const parts = list.split(',').map((part) => part.trim());
  const given = parts.filter((part) => part !== '');
  if (given.length === 0) return [];
  try {
    return listenable(given.map((part) => (/^\d+$/.test(part) ? Number(part) : part)));
  } catch (error) {
    throw error instanceof SignalError ? inEnvironment(error) : error;
  }
}

function inEnvironment({ code, message, signal }: SignalError): SignalError {
  return new SignalError(code, `SIGBRIDGE_HOLD: ${message}`, { signal });
}

function watchRegistrations(tell: (number: number) => void): () => void {
  const byName = (name: string | symbol): void => {
    const number = numbers.get(name);
    if (number !== undefined) tell(number);
  };
  registrations.add(tell);
  process.on('newListener', byName);
  return () => {
    registrations.delete(tell);
    process.removeListener('newListener', byName);
  };
}

const numbers = new Map<unknown, number>(Object.entries(constants.signals));
