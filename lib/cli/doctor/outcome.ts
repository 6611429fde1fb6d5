import { isNodesOwn } from './effects.js';
import type { Relative } from './facts/ancestors.js';
import type { Effect, Facts, Route } from './facts/Facts.js';
import { forceOf, handsKeyOn, waiterOf } from './facts/program.js';

/** What becomes of the process, where the signal acts so. */
export function effectOf(facts: Facts, acts: boolean | null): Effect {
  if (acts === null) return 'unknown';
  if (!acts) return 'nothing';
  if (facts.fall !== null) return facts.fall.effect;
  if (endsByForce(facts)) return 'ends';
  if (endsWithAnother(facts)) return ENDS_OTHERWISE.has(facts.program.name) ? 'runs' : 'ends';
  const { signal, disposition, taker, shell } = facts;
  if (taker !== null) return 'runs';
  // A shell without a trap ends by the SIGINT that has ended its command.
  const untrapped = shell?.trap === false && signal.name === 'SIGINT' && disposition !== 'default';
  if (disposition === 'caught') return isNodesOwn(facts) || untrapped ? 'ends' : 'runs';
  if (untrapped) return 'ends';
  if (signal.action === 'stop') return 'stops';
  return signal.action === 'continue' ? 'continues' : 'ends';
}

/** Those that do not die by the signal that has ended the one they wait for. */
const ENDS_OTHERWISE: ReadonlySet<string> = new Set(['time', 'script']);

/** After how many seconds it kills whom it waits for, by what it is sent; `null` for never. */
export function killsAfter(facts: Facts): number | null {
  const { program, disposition, receiver, taker, relay, route, below } = facts;
  const gets = taker !== null || (disposition === 'caught' && receiver !== null);
  if (!gets || below.length === 0 || (relay !== null && route === 'key')) return null;
  return forceOf(program);
}

/** Whether it ends soon because of that. */
export function endsByForce(facts: Facts): boolean {
  return (killsAfter(facts) ?? Infinity) <= SOON;
}

const SOON = 10;

/** Whether the key leaves it to another, which it waits for, what becomes of it. */
export function fallsWith({ program, route, below }: Facts): boolean {
  return route === 'key' && waiterOf(program) !== null && below.length > 0;
}

/** Whether it falls with who it waits for, which the signal ends. */
function endsWithAnother(facts: Facts): boolean {
  const { below, route } = facts;
  const waiter = waiterOf(facts.program);
  if (below.length === 0 || (route === 'kill' && waiter !== 'passes')) return false;
  return waiter !== null && below.every(({ effect }) => effect === 'ends');
}

/** How the key gets to a child: an init and its like hand it on to one that it does not reach by itself. */
export function routeTo({ group }: Relative, { route, program, stat }: Facts): Route {
  const isReached = group === stat.foreground || stat.group !== stat.foreground;
  return route === 'key' && !isReached && handsKeyOn(program) ? 'kill' : route;
}

/** The children whose fate at the same key decides, or is worth a word. */
export function concerned(facts: Facts): Relative[] {
  const { children, shell, stat, route, relay, program } = facts;
  const waiter = waiterOf(program);
  if (route === 'kill') return waiter === 'passes' ? children : [];
  if (relay !== null) return relay.foreground;
  if (waiter !== null) return children;
  // Who is no shell that is known may have put a child into the foreground, and wait for it.
  const front = shell === null && stat.foreground > 0 ? stat.foreground : stat.group;
  const inGroup = children.filter(({ group }) => group === stat.group || group === front);
  if (shell === null || shell.waits === 'builtin' || shell.waits === 'no') return inGroup;
  const commands = children.filter((one) => !isBackgroundJob(one) && one.pid !== shell.background);
  return commands.length === 0 ? children : commands;
}

/** By what a shell without job control does to what stands before an `&`; a conclusion. */
export function isBackgroundJob({ ignored }: Relative): boolean {
  return ignored.includes('SIGINT') && ignored.includes('SIGQUIT');
}
