import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { nameOf } from '../words.js';

/** It has ended, and its parent has not asked how: wait(2), "Notes". */
export function zombie({ stat, threads, pid, ancestors: [parent] }: Facts): Finding | null {
  if (stat.state !== 'Z' || threads.some(({ state }) => state !== 'Z' && state !== 'X'))
    return null;
  const evidence = [`/proc/${pid}/stat: state Z, a process that has ended already.`];
  if (parent === undefined)
    return { importance: 'prevents', title: TITLE, evidence, remedy: REMEDY };
  return {
    importance: 'prevents',
    title: TITLE,
    evidence: [...evidence, `Its parent, ${nameOf(parent)}, has not waited for it.`],
    remedy: REMEDY,
    culprit: parent,
  };
}

const TITLE = 'it has ended, and is a zombie: no signal reaches it any more';

const REMEDY = [
  'Mend the parent, which must wait for its children; when the parent ends, the zombie goes too.',
  'In a container run an init that reaps: docker run --init, or tini or dumb-init as the first process.',
];
