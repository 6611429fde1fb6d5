import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { nameOf } from '../words.js';

/**
 * What keeps a key from a process need not keep it from whom that has started: system(3) ignores SIGINT until its command has
 * ended, csh blocks it, the first process of a container has it dropped, and each may end then. Nobody sees that from outside.
 * @param kept how it is kept from it, in a clause
 */
export function follows(
  { route, relay, below, threads, pid }: Facts,
  kept: string,
  evidence: readonly string[],
): Finding | null {
  if (route !== 'key' || relay !== null) return null;
  const one = below.find(({ effect }) => effect !== 'nothing' && effect !== 'stops')?.child;
  if (one === undefined) return null;
  const where = threads[0]?.waitsIn ?? '';
  return {
    importance: 'unknown',
    title: `${kept}, while the key acts on ${nameOf(one)} below it, with which it may end`,
    evidence: [...evidence, ...(where === '' ? [] : [`/proc/${pid}/wchan: ${where}.`])],
    conclusions: [
      'Who waits for another, as system(3), make and inits do, may end when that has ended, or go on.',
    ],
    remedy: [`Ask about that one: sigbridge doctor ${one.pid}`],
    culprit: one,
  };
}
