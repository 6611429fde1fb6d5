import type { Finding } from '../Cause.js';
import type { Relative } from '../facts/ancestors.js';
import type { Facts } from '../facts/Facts.js';
import { nameOf } from '../words.js';

/** A shell or package runner between the sender and the program, which does not pass the signal on. */
export function wrapper(facts: Facts): Finding | null {
  return before(facts) ?? behind(facts);
}

/** The process is the wrapper: its child is the program. */
function before(facts: Facts): Finding | null {
  const { program, children, stat, signal, route, disposition, pid } = facts;
  // In a group of its own the child would be a job, and the shell an interactive one.
  const child = children.find(({ group }) => group === stat.group);
  if (child === undefined || !isWrapper(program) || disposition === 'ignored') return null;
  // A key reaches the whole group, the child too.
  if (route === 'key' && !child.ignored.includes(signal.name)) return null;
  const evidence = [
    `/proc/${pid}/cmdline: ${program.command}`,
    `Its child is ${nameOf(child)}.`,
    ...next(facts, child),
  ];
  const common = { remedy: remedy(), culprit: child };
  if (disposition === 'default') {
    const title = `it is only a wrapper: ${signal.name} ends it, but not ${nameOf(child)}`;
    return { importance: 'warning', title, evidence, ...common };
  }
  if (program.kind === 'package-runner') {
    const title = `it is only a wrapper: what becomes of ${signal.name} is up to ${nameOf(child)}`;
    return { importance: 'warning', title, evidence, ...common };
  }
  // In the wait builtin a shell answers at once: so it does where its children are background jobs.
  if (isBackgroundJob(child)) return null;
  return {
    importance: 'prevents',
    title: `it is only a wrapper: a shell acts on ${signal.name} when ${nameOf(child)} has ended`,
    evidence: [...evidence, 'A shell runs traps, and looks at SIGINT, between its commands only.'],
    ...common,
  };
}

/** The wrapper stands above: who signals it, as a supervisor does, does not reach the process. */
function behind({ ancestors: [parent], stat, signal, route }: Facts): Finding | null {
  if (route === 'key' || parent === undefined || !isWrapper(parent)) return null;
  if (parent.group !== stat.group) return null;
  const runs = parent.kind === 'package-runner' && parent.caught.includes(signal.name);
  if (runs) return null;
  return {
    importance: 'note',
    title: `its parent, ${nameOf(parent)}, is a wrapper that does not pass ${signal.name} on`,
    evidence: [
      `/proc/${parent.pid}/cmdline: ${parent.command}`,
      'Who signals the parent, as docker stop, systemd or PM2 may do, does not reach this process.',
    ],
    remedy: remedy(),
    culprit: parent,
  };
}

function isWrapper({ kind }: { kind: Relative['kind'] }): boolean {
  return kind === 'shell' || kind === 'package-runner';
}

function isBackgroundJob({ ignored }: Relative): boolean {
  return ignored.includes('SIGINT') && ignored.includes('SIGQUIT');
}

function next({ program, disposition, signal }: Facts, child: Relative): string[] {
  if (program.kind !== 'package-runner' || disposition !== 'caught') return [];
  return child.kind === 'shell' ? [`It passes ${signal.name} to that shell, which does not.`] : [];
}

function remedy(): string[] {
  return [
    'In sh -c and in scripts, start the program by exec: exec node app.js.',
    'Start it without a wrapper: node app.js instead of npm start; ["node", "app.js"] as CMD.',
    'Or signal the whole process group: kill -- -PGID.',
  ];
}
