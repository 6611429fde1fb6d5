import type { Cause } from './Cause.js';
import type { Facts } from './facts/Facts.js';
import { isNodesOwn } from './effects.js';
import { keyOf } from './keys.js';
import { fallsWith } from './outcome.js';
import { nameOf } from './words.js';

/** The one line that answers the question. */
export function verdictOf(facts: Facts, causes: readonly Cause[]): string {
  const { route, signal, pid, program } = facts;
  const name = nameOf({ pid, command: program.command });
  const what = route === 'key' ? `${keyOf(facts)} (${signal.name})` : signal.name;
  const reason = causes.find(({ importance }) => importance === 'prevents');
  if (reason !== undefined) return `${what} will not act on ${name}: ${reason.title}.`;
  const open = causes.find(({ importance }) => importance === 'unknown');
  if (open !== undefined) {
    return `Whether ${what} will act on ${name} cannot be told from outside: ${open.title}.`;
  }
  const doubt = causes.find(({ importance }) => importance === 'warning');
  const unless = doubt === undefined ? '' : ` But ${doubt.title}.`;
  return `${what} will act on ${name}: ${effectInWords(facts)}.${unless}`;
}

/** What the signal does where nothing keeps it. */
export function effectInWords(facts: Facts): string {
  const { disposition, signal, taker, route, relay } = facts;
  if (facts.fall !== null) return 'not by the key itself, but by the end of another';
  if (route === 'key' && relay !== null) return 'the program inside gets it';
  if (fallsWith(facts)) return 'it ends, or goes on, with what it waits for';
  if (taker !== null) return 'it takes the signal itself, without a handler';
  if (disposition === 'caught') return `its handler runs${habit(facts)}`;
  switch (signal.action) {
    case 'core':
      return 'the default action ends it, with a core dump where the system makes one';
    case 'stop':
      return 'the default action stops it';
    case 'continue':
      return 'it goes on where it was stopped';
    default:
      return signal.name === 'SIGKILL'
        ? 'nothing can keep that from ending it'
        : 'the default action ends it';
  }
}

/** What the handlers do that come with well-known programs: whose it is was not seen. */
function habit(facts: Facts): string {
  const { program, signal, libuv, shell } = facts;
  const { name } = signal;
  const ends = name === 'SIGINT' || name === 'SIGTERM';
  if (program.kind === 'node') {
    if (isNodesOwn(facts)) return ', by all signs Node’s own, which ends it';
    if (name === 'SIGINT' && libuv?.breaks === true)
      return ': Node’s, which breaks off the script that runs (breakOnSigint)';
    if ((libuv?.watchers ?? 0) > 0) return ', and what happens is up to its listeners';
    if (name === 'SIGUSR1') return ', by all signs Node’s own, which starts the inspector';
    if (ends) return ': Node’s own, which ends it, or another that it has set';
  }
  if (program.kind === 'python' && name === 'SIGINT') {
    return ': Python’s own, which raises KeyboardInterrupt, or another that it has set';
  }
  if (program.kind === 'java') {
    if (name === 'SIGQUIT') {
      return ': Java’s own, which prints all threads and ends nothing, or another that it has set';
    }
    if (ends || name === 'SIGHUP') {
      return ': Java’s own, which runs the shutdown hooks and ends it, or another that it has set';
    }
  }
  if (program.kind === 'shell') {
    if (shell?.trap === true) return ', which is a trap, and what happens is up to that';
    if (name === 'SIGINT' && isInteractive(facts)) {
      return ': an interactive shell gives up its line, and goes on';
    }
  }
  return ', and what happens is up to it';
}

// A shell that has a terminal, ignores SIGTERM, and is alone in its group, as no script is while a command runs.
function isInteractive({ terminal, sets, stat, pid, children, program }: Facts): boolean {
  // Of a terminal, tcsh ignores SIGTERM in a script too.
  if (program.name === 'tcsh') return false;
  if (terminal === null || stat.group !== pid || !sets.ignored.includes('SIGTERM')) return false;
  return children.every(({ group }) => group !== stat.group);
}
