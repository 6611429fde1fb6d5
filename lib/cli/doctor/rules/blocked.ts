import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { fallsWith } from '../outcome.js';
import { listed, percent } from '../words.js';
import { follows } from './follows.js';

/** In the mask of all threads, or of all but some: pthread_sigmask(3), signal(7) "Signal mask". */
export function blocked(facts: Facts): Finding | null {
  const { signal, pid, threads, taker, shell } = facts;
  // Who reads it from a descriptor blocks it, too; see the rule of what is hidden.
  if (fallsWith(facts) || facts.hidden) return null;
  // zsh blocks SIGINT while it waits for a command, and looks at it then.
  if (shell?.waits === 'command' && signal.name === 'SIGINT') return null;
  const blocking = threads.filter(({ blocks }) => blocks);
  if (blocking.length < threads.length) {
    // One of many is an everyday thing; all but some are worth a word.
    return 2 * blocking.length > threads.length ? inMost(signal.name, threads, blocking) : null;
  }
  const evidence = [
    threads.length === 1
      ? `/proc/${pid}/status: SigBlk of its only thread holds ${signal.name}.`
      : `/proc/${pid}/task/*/status: SigBlk of all ${threads.length} threads holds ${signal.name}.`,
  ];
  if (taker?.way === 'signalfd') {
    return {
      importance: 'note',
      title: `${signal.name} is blocked, and read from a descriptor (signalfd)`,
      evidence: [...evidence, `/proc/${pid}/fdinfo/${taker.fd}: its sigmask holds ${signal.name}.`],
      remedy: ['What happens is up to the program that reads it.'],
    };
  }
  const meanwhile =
    follows(facts, `it blocks ${signal.name}`, evidence) ?? takesInBetween(facts, evidence);
  if (meanwhile !== null) return meanwhile;
  return {
    importance: 'prevents',
    title: `${signal.name} is blocked in ${threads.length === 1 ? 'its only thread' : 'all threads'}`,
    evidence,
    remedy: [
      'The mask is inherited through exec: look at the parent with sigbridge inspect.',
      `Start it with the signal unblocked: env --block-signal and its like must not name it; ` +
        `in Node, mask.unblock('${signal.name}'); in Python, signal.pthread_sigmask(SIG_UNBLOCK, …).`,
      'SIGKILL cannot be blocked.',
    ],
  };
}

/** Some block a signal for as long as they wait, and take it between two waits. */
function takesInBetween(
  { activity, signal, pid }: Facts,
  evidence: readonly string[],
): Finding | null {
  if (activity === null) return null;
  const { thread, watchedMs, waits, ran } = activity;
  if (waits === 0 && ran === 0) return null;
  return {
    importance: 'unknown',
    title: `it blocks ${signal.name}, but not for a long wait, and whether it lets it through in between is not seen`,
    evidence: [
      ...evidence,
      `Thread ${thread.tid} has waited ${waits} times in ${Math.round(watchedMs)} ms, and has run ${percent(ran)} of them.`,
    ],
    remedy: [
      `strace -e trace=rt_sigprocmask -p ${pid} shows whether it unblocks the signal meanwhile.`,
    ],
  };
}

type Thread = Facts['threads'][number];

function inMost(signal: string, all: Thread[], blocking: Thread[]): Finding {
  const open = all.filter((thread) => !thread.blocks);
  const names = open.slice(0, 6).map(({ tid, name }) => `${tid} (${name})`);
  const more = open.length > 6 ? [`${open.length - 6} more`] : [];
  return {
    importance: 'note',
    title: `${signal} is blocked in ${blocking.length} of ${all.length} threads`,
    evidence: [`Only ${listed([...names, ...more])} can take it: SigBlk in /proc/…/task/*/status.`],
    remedy: ['Nothing, unless just these threads are stuck.'],
  };
}
