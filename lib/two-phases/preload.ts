import { pathToFileURL } from 'node:url';
import { registrations } from '../receive/listeners.js';
import { listenable } from '../receive/on.js';
import { toName } from '../signal/names.js';
import { hold } from './hold.js';

/**
 * Holds each of the signals until somebody listens to it, or else until the program has started.
 * @param list names or numbers, separated by commas; none when empty
 * @throws as `on` for what is no signal
 */
export function holdUntilStarted(list: string): void {
  const numbers = parse(list);
  const held = new Map(numbers.map((number) => [toName(number), hold(number)]));
  if (held.size === 0) return;
  const release = (name: string): void => {
    const one = held.get(name);
    if (one === undefined) return;
    held.delete(name);
    // Whoever is registering has not finished yet.
    process.nextTick(() => {
      one.release();
      if (held.size === 0) stopWatching();
    });
  };
  const stopWatching = watchRegistrations(release);
  void whenStarted().then(() => {
    for (const name of [...held.keys()]) release(name);
  });
}

function parse(list: string): number[] {
  const parts = list.split(',').map((part) => part.trim());
  const given = parts.filter((part) => part !== '');
  return given.length === 0
    ? []
    : listenable(given.map((part) => (/^\d+$/.test(part) ? Number(part) : part)));
}

function watchRegistrations(tell: (name: string) => void): () => void {
  const byNumber = (number: number): void => {
    tell(toName(number));
  };
  const byName = (name: string | symbol): void => {
    if (typeof name === 'string') tell(name);
  };
  registrations.add(byNumber);
  process.on('newListener', byName);
  return () => {
    registrations.delete(byNumber);
    process.removeListener('newListener', byName);
  };
}

/** Resolves when the program's main module has run to its end, its top-level awaits included. */
async function whenStarted(): Promise<void> {
  // A CommonJS program has run by then, and the loading of an ECMAScript module has begun.
  await turn();
  const main = process.argv[1];
  if (main !== undefined) {
    // The same module again, not a second one: this waits for it. What it throws is not our affair.
    await import(pathToFileURL(main).href).catch(() => undefined);
  }
  await turn();
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
