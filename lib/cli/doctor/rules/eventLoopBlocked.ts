import type { Finding } from '../Cause.js';
import { hasEventLoop, waitsElsewhere, waitsForEvents, type Facts } from '../facts/Facts.js';
import { percent } from '../words.js';

/** A busy loop on a machine that has little else to do; kept from it now and then by the kernel. */
const FULL = 0.9;

/** What a busy loop gets at least where the machine itself is kept from its processors. */
const HALF = 0.5;

/** Memory, and the compiler's locks, are waited for in a busy loop too. */
const FEW = 3;

/** Calls of the kernel in which a program waits for one thing, and no event loop for its events. */
const ONE_THING = /^(do_wait|hrtimer_nanosleep|anon_pipe_read|pipe_read|wait_woken|unix_stream)/;

/**
 * The handler runs, and leaves a message for the event loop, which does not turn. Where its turns are counted,
 * that count tells; else only a wait for something else does, and work without a pause leaves it open.
 */
export function eventLoopBlocked(facts: Facts): Finding | null {
  const { activity, disposition, program, frozen, stat, libuv } = facts;
  if (disposition !== 'caught' || !hasEventLoop(program) || activity === null) return null;
  // Without a listener it is Node's own handler, or an addon's, which need no event loop.
  // sigbridge takes its watcher a turn after its handler: a loop that stands still before has none yet.
  const unwatched = libuv?.watchers === 0;
  if ((unwatched && libuv.sigbridge === false) || frozen !== null || /^[Tt]$/.test(stat.state))
    return null;
  if (activity.turns !== null && activity.turns > 0) return null;
  const busy = activity.wanted >= FULL && activity.waits <= FEW;
  const waits = activity.waits === 0 && activity.state === 'S' && !waitsForEvents(activity);
  const still = activity.turns === 0;
  // On a loaded machine a stuck thread is kept from running in ways that nothing counts, and waits for memory.
  const works = activity.wanted >= HALF && !waitsForEvents(activity);
  const child = runsChild(facts);
  if (!unwatched) {
    if (child) return { ...waitingForChild(facts), remedy: REMEDY };
    if (still || (waits && ONE_THING.test(activity.waitsIn))) {
      return { ...standing(facts, busy, waits), importance: 'prevents', remedy: REMEDY };
    }
  }
  return busy || waits || works || still || child
    ? { ...open(facts, busy || works), importance: 'unknown', remedy: toTell(facts) }
    : null;
}

// Whatever the child writes wakes the call, but not the event loop. A call that is seen at either end, and
// whose child was there all the time, has taken all of it.
function runsChild({ activity, libuv }: Facts): boolean {
  if (activity?.sameChildren !== true) return false;
  const loop = libuv?.loop ?? null;
  return waitsElsewhere(activity.thread, loop) || waitsElsewhere(activity, loop);
}

type Half = Pick<Finding, 'title' | 'evidence' | 'conclusions'>;

function standing(facts: Facts, busy: boolean, waits: boolean): Half {
  const how = busy
    ? 'the thread that would run the listener works without a pause'
    : waits
      ? 'the thread that would run the listener waits in a synchronous call'
      : 'it has not turned once while it was watched';
  return {
    title: `its event loop is blocked: ${how}`,
    evidence: [...seen(facts, waits), ...turned(facts), ...watchers(facts)],
    conclusions: [consumed(facts)],
  };
}

function open(facts: Facts, busy: boolean): Half {
  return {
    title: busy
      ? 'its main thread works, and whether its event loop turns meanwhile is not seen'
      : 'its main thread waits for something, and whether its event loop turns meanwhile is not seen',
    evidence: [...seen(facts, !busy), ...watchers(facts)],
  };
}

function waitingForChild(facts: Facts): Omit<Finding, 'remedy'> {
  const { activity, pid, route, libuv } = facts;
  const { watchedMs = 0, thread, waitsOn } = activity ?? {};
  return {
    // A key reaches the child too, whose end is what is waited for.
    importance: route === 'key' ? 'warning' : 'prevents',
    title: `its event loop is blocked: the thread that would run the listener waits for a child's end`,
    evidence: [
      `Thread ${thread?.tid ?? pid} has waited for ${Math.round(watchedMs)} ms on descriptor ${thread?.waitsOn ?? waitsOn}, ` +
        `and not on ${libuv?.loop}, which is its event loop's.`,
      ...watchers(facts),
    ],
    conclusions: ['So do execSync and its like.'],
  };
}

function seen({ activity, pid }: Facts, waits: boolean): string[] {
  const { watchedMs = 0, wanted = 0, ran = 0, waits: times = 0, thread, waitsIn } = activity ?? {};
  const ms = Math.round(watchedMs);
  const tid = thread?.tid ?? pid;
  if (waits) {
    const where = waitsIn === undefined || waitsIn === '' ? '' : ` in the kernel's ${waitsIn}`;
    return [`Thread ${tid} has waited for ${ms} ms${where}, without a pause.`];
  }
  return [
    `Thread ${tid} has run ${percent(ran)} of ${ms} ms, wanted a processor for ${percent(wanted)} of ` +
      `them, and has waited for something ${times === 0 ? 'not once' : `only ${times} times`}.`,
  ];
}

function turned({ activity, libuv }: Facts): string[] {
  if (activity?.turns !== 0) return [];
  if (libuv?.turns == null) return [`Its memory: the time of libuv's loop has not moved.`];
  return [`Its memory: libuv's count of the loop's turns has not moved.`];
}

function consumed({ signal, pending }: Facts): string {
  return (
    `${signal.name} is caught and ${pending ? 'pending' : 'not pending'}: a handler takes it at once, and ` +
    'leaves the listener to the event loop.'
  );
}

function watchers({ libuv, signal }: Facts): string[] {
  return libuv?.watchers == null
    ? []
    : [`Its memory shows ${libuv.watchers} of libuv’s watchers for ${signal.name}.`];
}

const REMEDY = [
  'See where it is: kill -USR1 opens the inspector unless that is blocked too; sigbridge’s watchdog() ' +
    'writes the stack, and can end the process.',
  'Give long work pauses, or a worker thread; flag() of sigbridge can be read inside of a loop.',
  'SIGKILL ends it.',
];

function toTell({ program }: Facts): string[] {
  if (program.kind === 'deno' || program.kind === 'bun') {
    return [
      `From outside nothing tells: ${program.kind} counts no turns. Start it with --inspect, and look.`,
    ];
  }
  return [
    'As root, or as its user where kernel.yama.ptrace_scope is 0: then the turns of its loop can be read, if its libuv is 1.45 or newer.',
    'Or look from inside: kill -USR1 opens the inspector of Node, if its loop turns.',
  ];
}
