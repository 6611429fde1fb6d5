import type { Cause } from './Cause.js';
import type { Facts } from './facts/Facts.js';
import { keyOf } from './keys.js';
import { nameOf } from './words.js';

/** The one line that answers the question. */
export function verdictOf(facts: Facts, causes: readonly Cause[]): string {
  const { route, signal, pid, program } = facts;
  const name = nameOf({ pid, command: program.command });
  const what = route === 'key' ? `${keyOf(facts)} (${signal.name})` : signal.name;
  const reason = causes.find(({ importance }) => importance === 'prevents');
  if (reason !== undefined) return `${what} will not act on ${name}: ${reason.title}.`;
  const doubt = causes.find(({ importance }) => importance === 'warning');
  const unless = doubt === undefined ? '' : ` But ${doubt.title}.`;
  return `${what} will act on ${name}: ${effect(facts)}.${unless}`;
}

/** What the signal does where nothing keeps it. */
function effect(facts: Facts): string {
  const { disposition, signal, taker } = facts;
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

/** What the handlers do that come with well-known programs. */
function habit({ program, signal, listeners, terminal }: Facts): string {
  const { name } = signal;
  const ends = name === 'SIGINT' || name === 'SIGTERM';
  if (program.kind === 'node') {
    if (ends && listeners === 0) return ', which is Node’s own and ends it';
    if ((listeners ?? 0) > 0) return ', and what happens is up to its listeners';
    if (name === 'SIGUSR1') return ', which is Node’s own and starts the inspector';
  }
  if (program.kind === 'python' && name === 'SIGINT')
    return ': Python’s own raises KeyboardInterrupt';
  if (program.kind === 'java') {
    if (name === 'SIGQUIT') return ': Java’s own prints all threads, and ends nothing';
    if (ends || name === 'SIGHUP') return ': Java’s own runs the shutdown hooks, and ends it';
  }
  if (program.kind === 'shell' && name === 'SIGINT' && terminal !== null) {
    return ': an interactive shell gives up its line, and goes on';
  }
  return ', and what happens is up to it';
}
