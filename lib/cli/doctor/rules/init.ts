import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { isNodesOwn, isUncatchable } from '../effects.js';
import { fallsWith } from '../outcome.js';
import { listed } from '../words.js';
import { follows } from './follows.js';

/** The first process of a pid namespace takes only signals that it catches: pid_namespaces(7). */
export function init(facts: Facts): Finding | null {
  const found = dropped(facts);
  if (found?.importance !== 'prevents') return found;
  return follows(facts, found.title, found.evidence) ?? found;
}

function dropped(facts: Facts): Finding | null {
  const { signal, pid, disposition, taker, init: is } = facts;
  if (!is.is || taker !== null || fallsWith(facts)) return null;
  // A shell that waits for a command ends by what has ended that, in a way that works here too.
  if (facts.route === 'key' && facts.shell?.waits === 'command' && facts.below.length > 0)
    return null;
  const byKernel = disposition === 'default' && !(isUncatchable(facts) && is.fromOutside);
  if (!byKernel) return raisedAgain(facts);
  if (signal.action === 'ignore' || signal.action === 'continue') return null;
  return {
    importance: 'prevents',
    title: `it is the first process of its pid namespace, for which the kernel drops ${signal.name}`,
    evidence: [
      firstOf(pid),
      `/proc/${pid}/status: SigCgt lacks ${signal.name}, so it has the default action.`,
      ...(isUncatchable(facts) ? ['We are in the same namespace; from outside it would act.'] : []),
    ],
    remedy: [
      'Put an init before it that passes signals on: docker run --init, tini, dumb-init.',
      `Or catch the signal in the program: process.on('${signal.name}', …) in Node.`,
    ],
  };
}

/** Node's own handler ends it by raising the signal once more, which then has the default action. */
function raisedAgain(facts: Facts): Finding | null {
  const { signal, pid, program, libuv } = facts;
  const own = signal.name === 'SIGINT' || signal.name === 'SIGTERM';
  if (program.kind === 'shell') return shellsOwn(facts);
  if (program.kind !== 'node' || !own || (libuv?.watchers ?? 0) > 0) return null;
  const sure = isNodesOwn(facts);
  return {
    importance: sure ? 'prevents' : 'unknown',
    title: sure
      ? `it is the first process of its pid namespace, and has no listener for ${signal.name}`
      : `it is the first process of its pid namespace, where Node's own handler does nothing, and whose its is, is not seen`,
    evidence: [
      firstOf(pid),
      ...(libuv?.watchers === 0
        ? [`Its memory shows no watcher of libuv's for ${signal.name}.`]
        : []),
      ...addons(facts),
    ],
    conclusions: [
      sure
        ? "The handler in SigCgt is Node's own."
        : "The handler in SigCgt is Node's own, or another.",
      "Node's own raises the signal again with the default action, which the kernel drops here.",
    ],
    remedy: [
      ...(sure ? [] : ['sigbridge trace -- COMMAND shows who sets it; so does inspect(), inside.']),
      'Put an init before it that passes signals on: docker run --init, tini, dumb-init.',
      `Or listen: process.on('${signal.name}', …), or createShutdown() of sigbridge/shutdown.`,
    ],
  };
}

/** Without a trap, a shell ends by SIGINT as Node does; some of them end in another way too. */
function shellsOwn({ signal, pid, program, shell, disposition }: Facts): Finding | null {
  if (signal.name !== 'SIGINT' || disposition !== 'caught' || shell?.trap === true) return null;
  const untrapped = shell?.trap === false;
  // Those end then all the same, in a way of their own: tried.
  if (untrapped && /^(dash|busybox)$/.test(program.name)) return null;
  const sure = untrapped && /^(bash|zsh)$/.test(program.name);
  return {
    importance: sure ? 'prevents' : 'unknown',
    title: `it is the first process of its pid namespace, and ${sure ? 'a shell without a trap' : 'a shell, whose trap is not seen,'} for SIGINT`,
    evidence: [firstOf(pid)],
    conclusions: [
      'Such a shell raises the signal again with the default action, which the kernel drops here.',
    ],
    remedy: [
      'Put an init before it that passes signals on: docker run --init, tini, dumb-init.',
      "Or set a trap: trap 'exit 130' INT.",
    ],
  };
}

function addons({ libuv }: Facts): string[] {
  if (libuv === null || libuv.addons.length === 0) return [];
  return [`Its memory maps ${listed(libuv.addons.slice(0, 3))}, which may have set it.`];
}

function firstOf(pid: number): string {
  return `/proc/${pid}/status: the last number of NSpid is 1.`;
}
