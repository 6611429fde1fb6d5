import type { Finding } from '../Cause.js';
import { hasEventLoop, waitsElsewhere, waitsForEvents, type Facts } from '../facts/Facts.js';
import { percent } from '../words.js';

/** A busy loop on a machine that has little else to do; kept from it now and then by the kernel. */
const FULL = 0.9;

/** Memory, and the compiler's locks, are waited for in a busy loop too. */
const FEW = 3;

/**
 * The handler runs, and leaves a message for the event loop, which does not turn. Only time shows that:
 * the thread was watched, and has wanted a processor all the time, or has waited for one other thing.
 */
export function eventLoopBlocked(facts: Facts): Finding | null {
  const { activity, disposition, program, listeners, frozen, stat } = facts;
  if (disposition !== 'caught' || !hasEventLoop(program) || activity === null) return null;
  // Without a listener it is Node's own handler, which needs no event loop.
  if (listeners === 0 || frozen !== null || stat.state === 'T' || stat.state === 't') return null;
  const busy = activity.wanted >= FULL && activity.waits <= FEW;
  const waits = activity.waits === 0 && activity.state === 'S' && !waitsForEvents(activity);
  if (busy) return { ...working(facts), importance: 'prevents', remedy: REMEDY };
  if (waits) return { ...waiting(facts), importance: 'prevents', remedy: REMEDY };
  return runsChild(facts) ? { ...waitingForChild(facts), remedy: REMEDY } : null;
}

// Whatever the child writes wakes the call, but not the event loop. A call that is seen at either end, and
// whose child was there all the time, has taken all of it.
function runsChild({ activity, loop }: Facts): boolean {
  if (activity?.sameChildren !== true) return false;
  return waitsElsewhere(activity.thread, loop) || waitsElsewhere(activity, loop);
}

type Half = Pick<Finding, 'title' | 'evidence'>;

function working({ activity, pid, signal, pending, listeners }: Facts): Half {
  const { watchedMs = 0, wanted = 0, ran = 0, waits = 0, thread } = activity ?? {};
  return {
    title: `its event loop is blocked: the thread that would run the listener works without a pause`,
    evidence: [
      `Thread ${thread?.tid ?? pid} has run ${percent(ran)} of ${Math.round(watchedMs)} ms, wanted a ` +
        `processor for ${percent(wanted)} of them, and has waited for something ${times(waits)}.`,
      `${signal.name} is caught (SigCgt) and ${pending ? 'pending' : 'not pending'}: a handler takes ` +
        'what comes, and leaves it to the loop.',
      ...watchers(signal.name, listeners),
    ],
  };
}

function waiting({ activity, pid, signal, listeners }: Facts): Half {
  const { watchedMs = 0, thread, waitsIn = '' } = activity ?? {};
  return {
    title: `its event loop is blocked: the thread that would run the listener waits in a synchronous call`,
    evidence: [
      `Thread ${thread?.tid ?? pid} has waited in the kernel's ${waitsIn} for ` +
        `${Math.round(watchedMs)} ms, and not for events.`,
      ...watchers(signal.name, listeners),
    ],
  };
}

function waitingForChild(facts: Facts): Omit<Finding, 'remedy'> {
  const { activity, pid, signal, listeners, loop, route } = facts;
  const { watchedMs = 0, thread, waitsOn } = activity ?? {};
  return {
    // The key reaches the child too, and its end ends the call.
    importance: route === 'key' ? 'warning' : 'prevents',
    title: `its event loop is blocked: the thread that would run the listener waits for a child's end`,
    evidence: [
      `Thread ${thread?.tid ?? pid} has waited for ${Math.round(watchedMs)} ms on descriptor ${thread?.waitsOn ?? waitsOn}, ` +
        `and not on ${loop}, which is its event loop's: so do execSync and its like.`,
      ...watchers(signal.name, listeners),
    ],
  };
}

function times(count: number): string {
  return count === 0 ? 'not once' : `only ${count} times`;
}

function watchers(signal: string, listeners: number | null): string[] {
  return listeners === null
    ? []
    : [`Its memory shows ${listeners} of libuv’s watchers for ${signal}.`];
}

const REMEDY = [
  'See where it is: kill -USR1 opens the inspector unless that is blocked too; sigbridge’s watchdog() ' +
    'writes the stack, and can end the process.',
  'Give long work pauses, or a worker thread; flag() of sigbridge can be read inside of a loop.',
  'SIGKILL ends it.',
];
