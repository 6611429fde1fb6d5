// What is known of a process and a signal, before anything is concluded from it.
import type { ProcessSignals } from '../../../core/look/process.js';
import type { Stat } from '../../../core/look/stat.js';
import type { DefaultAction } from '../../../base/signal/traits.js';
import type { Culprit } from '../Cause.js';
import type { Activity } from './activity.js';
import type { Relative } from './ancestors.js';
import type { Frozen } from './freezer.js';
import type { Libuv } from './libuv.js';
import type { Program, ProgramKind } from './program.js';
import type { Relay } from './relay.js';
import type { Shell } from './shell.js';
import { WAITS_FOR_EVENTS, type Taker } from './takers.js';
import type { Terminal } from './terminal.js';
/** A signal that a terminal sends at a key. */
export type KeySignal = 'SIGINT' | 'SIGQUIT' | 'SIGTSTP';

/** How the signal is to come: typed on the terminal, or sent by kill(2). */
export type Route = 'key' | 'kill';

/** One thread, and how it stands to the signal in question. */
export interface Thread {
  tid: number;
  name: string;
  state: string;
  blocks: boolean;
  pending: boolean;
  /** The kernel function it waits in; `''` where none is shown. */
  waitsIn: string;
  /** The descriptor whose events it waits for; `null` where it waits for none, or none is shown. */
  waitsOn: number | null;
}

/** What the signal is expected to do to a process. */
export type Effect = 'ends' | 'stops' | 'continues' | 'runs' | 'nothing' | 'unknown';

/** What becomes of a child at the same signal. */
export interface Below {
  child: Relative;
  effect: Effect;
  /** Why, in a clause. */
  because: string;
  /** What it does otherwise than one may expect; `null` for nothing. */
  warning: string | null;
}

/** Another that the key reaches, with whose end the kernel ends or signals this process. */
export interface Fall {
  with: Relative;
  /**
   * It leads the session of the terminal, which hangs up then; it is the first process of its pid namespace; or it is the
   * parent, which kills it.
   */
  way: 'terminal' | 'container' | 'force';
  /** Whether that one surely ends. */
  sure: boolean;
  /** What its end does to this one. */
  effect: Effect;
}

/** All that the rules judge by, read once. */
export interface Facts {
  signal: { name: string; number: number; action: DefaultAction; key: KeySignal | null };
  route: Route;
  pid: number;
  program: Program;
  stat: Stat;
  /** The sets of all signals. */
  sets: ProcessSignals;
  disposition: 'default' | 'ignored' | 'caught';
  threads: Thread[];
  /** The thread that the kernel gives the signal to; `null` where all block it. */
  receiver: Thread | null;
  pending: boolean;
  taker: Taker;
  /** Who traces it, by ptrace(2). */
  tracer: Culprit | null;
  ancestors: Relative[];
  children: Relative[];
  terminal: Terminal | null;
  /** Members of the terminal's foreground process group. */
  foreground: Relative[];
  /** Whether it is the first process of its pid namespace, and whether we look from outside of it. */
  init: { is: boolean; fromOutside: boolean };
  /** Whether nobody outside its process group, in its session, is a parent of a member. */
  orphanedGroup: boolean;
  frozen: Frozen | null;
  /** Why kill(2) refuses this user; 0 for not at all. */
  refusal: number;
  /** Real user ids: its, and ours. */
  users: { its: number; ours: number };
  /** Of a Node process: its watchers for the signal, and its event loop; `null` where that cannot be read. */
  libuv: Libuv | null;
  /** Of a shell: whether it waits for a command. */
  shell: Shell | null;
  /** What becomes of its children at the same signal, where that decides what becomes of it. */
  below: Below[];
  /** Whether it is one of the kernel's own threads, which run no program. */
  kernelThread: boolean;
  /** The terminal of its own making that it hands keys on to, as script, tmux and screen do. */
  relay: Relay | null;
  /** Whether this user may not see what it waits in, and which descriptors it has. */
  hidden: boolean;
  /** Its descriptors for epoll(7). */
  epolls: readonly number[];
  /** What it falls with at the key, where that is known to be asked; `null` for nothing. */
  fall: Fall | null;
  /** What has been seen of a thread that may be stuck; `null` where none looks so. */
  activity: (Activity & { thread: Thread }) | null;
}

const LOOPS: ReadonlySet<ProgramKind> = new Set(['node', 'deno', 'bun', 'package-runner']);

/** Whether its handlers only wake an event loop, which calls the program's own code later. */
export function hasEventLoop({ kind }: Program): boolean {
  return LOOPS.has(kind);
}

const INTERPRETERS: ReadonlySet<ProgramKind> = new Set(['python', 'ruby', 'perl']);

/** Whether its handlers only take a note, which its main thread acts on between two steps of the program. */
export function isInterpreter({ kind }: Program): boolean {
  return INTERPRETERS.has(kind);
}

/** As an event loop does that has nothing to do. */
export function waitsForEvents({ state, waitsIn }: Pick<Thread, 'state' | 'waitsIn'>): boolean {
  return state === 'S' && (waitsIn === '' || WAITS_FOR_EVENTS.test(waitsIn));
}

/** For events, but not those of the event loop: a call such as `execSync` runs a loop of its own. */
export function waitsElsewhere({ waitsOn }: Pick<Thread, 'waitsOn'>, loop: number | null): boolean {
  return waitsOn !== null && loop !== null && waitsOn !== loop;
}
