import type { Finding } from '../Cause.js';
import type { Facts, Fall } from '../facts/Facts.js';
import { keyOf } from '../keys.js';
import { nameOf } from '../words.js';

interface Way {
  who: string;
  seen: (fall: Fall, facts: Facts) => string;
  so: string;
  remedy: string;
}

const WAYS: Readonly<Record<Fall['way'], Way>> = {
  container: {
    who: 'the first process of its pid namespace',
    seen: ({ with: { pid } }) => `/proc/${pid}/status: the last number of NSpid is 1.`,
    so: 'With the first process of a pid namespace the kernel ends all others of it.',
    remedy: 'What is to outlive it belongs into a container of its own.',
  },
  terminal: {
    who: 'the leader of its session',
    seen: (_fall, { pid, stat }) =>
      `/proc/${pid}/stat: its session is ${stat.session}, its group ${stat.group} is in the foreground.`,
    so: 'When the leader of a session has ended, its terminal sends SIGHUP to the foreground group.',
    remedy: 'nohup COMMAND, or trap "" HUP before it, lets it go on; so does setsid COMMAND.',
  },
  force: {
    who: 'its parent',
    seen: ({ with: { pid, command } }) => `/proc/${pid}/cmdline: ${command}`,
    so: 'Such a program sends SIGKILL to its command, where that has not ended soon.',
    remedy: 'Start it without that program, or without its --kill-after.',
  },
};

/** The key does not act on it, but on another with whose end it ends. */
export function hangUp(facts: Facts): Finding | null {
  const { fall } = facts;
  if (fall === null) return null;
  const { who, seen, so, remedy } = WAYS[fall.way];
  const how = `${who}, ${nameOf(fall.with)},`;
  const key = keyOf(facts);
  const does = fall.effect === 'ends' ? 'that ends it' : 'that acts on it';
  return {
    importance: fall.sure ? 'note' : 'unknown',
    title: fall.sure
      ? `${how} ends by ${key}, and ${does}`
      : `${how} may end by ${key}, and ${does} then`,
    evidence: [seen(fall, facts)],
    conclusions: [so],
    remedy: [remedy],
    culprit: fall.with,
  };
}
