import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { keyOf } from '../keys.js';
import { nameOf } from '../words.js';

/** The key does not act on it, but on another with whose end it ends. */
export function hangUp(facts: Facts): Finding | null {
  const { fall, pid, stat } = facts;
  if (fall === null) return null;
  const name = nameOf(fall.with);
  const key = keyOf(facts);
  const does = fall.effect === 'ends' ? 'that ends it' : 'that acts on it';
  const how =
    fall.way === 'container'
      ? `the first process of its pid namespace, ${name},`
      : `the leader of its session, ${name},`;
  return {
    importance: fall.sure ? 'note' : 'unknown',
    title: fall.sure
      ? `${how} ends by ${key}, and ${does}`
      : `${how} may end by ${key}, and ${does} then`,
    evidence: [
      fall.way === 'container'
        ? `/proc/${fall.with.pid}/status: the last number of NSpid is 1.`
        : `/proc/${pid}/stat: its session is ${stat.session}, its group ${stat.group} is in the foreground.`,
    ],
    conclusions: [
      fall.way === 'container'
        ? 'With the first process of a pid namespace the kernel ends all others of it.'
        : 'When the leader of a session has ended, its terminal sends SIGHUP to the foreground group.',
    ],
    remedy:
      fall.way === 'container'
        ? ['What is to outlive it belongs into a container of its own.']
        : ['nohup COMMAND, or trap "" HUP before it, lets it go on; so does setsid COMMAND.'],
    culprit: fall.with,
  };
}
