import type { Finding } from '../Cause.js';
import type { Relative } from '../facts/ancestors.js';
import type { Facts } from '../facts/Facts.js';
import { listed, nameOf } from '../words.js';

/** Set to SIG_IGN, mostly by somebody above: what is ignored is inherited through exec. signal(7) */
export function ignored(facts: Facts): Finding | null {
  const { signal, disposition, pid, ancestors } = facts;
  if (disposition !== 'ignored') return null;
  const introducer = ancestors.find((one) => !one.ignored.includes(signal.name));
  const finding: Finding = {
    importance: 'prevents',
    title: `${signal.name} is ignored`,
    evidence: [`/proc/${pid}/status: SigIgn holds ${signal.name}.`, ...origin(facts, introducer)],
    remedy: [
      `Start it by sigbridge run --default ${signal.name} -- COMMAND, or env --default-signal=${signal.name.slice(3)} COMMAND.`,
      `In Node: sigbridge's reset('${signal.name}') or resetIgnored(); in C: signal(${signal.name}, SIG_DFL).`,
      'A shell script itself: set -m gives its background jobs process groups, and ignores nothing.',
    ],
  };
  return introducer === undefined ? finding : { ...finding, culprit: introducer };
}

function origin(facts: Facts, introducer: Relative | undefined): string[] {
  const { signal, ancestors } = facts;
  if (introducer === undefined) {
    const top = ancestors.at(-1);
    return top === undefined
      ? ['It has no ancestor that could be asked.']
      : [`All its ancestors ignore it too, up to ${nameOf(top)}.`];
  }
  const between = ancestors.slice(0, ancestors.indexOf(introducer));
  const also = between.map(nameOf);
  const first = between.at(-1);
  const starter = first === undefined ? 'it' : nameOf(first);
  return [
    ...(also.length === 0 ? [] : [`${listed(also)} above it ignore${plural(also)} it too.`]),
    `The first ancestor that does not ignore ${signal.name} is ${nameOf(introducer)}: ` +
      `it came in where that started ${starter}.`,
    ...habit(facts, introducer, first),
  ];
}

function plural({ length }: readonly unknown[]): string {
  return length === 1 ? 's' : '';
}

const JOB_SIGNALS: readonly string[] = ['SIGINT', 'SIGQUIT'];

const INTERACTIVE: readonly string[] = ['SIGTERM', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'];

/** Whose habit that is, where it is a known one. */
function habit(facts: Facts, introducer: Relative, first: Relative | undefined): string[] {
  const { signal, sets, stat, program, pid } = facts;
  const top = first ?? { ...sets, group: stat.group };
  const asJob = JOB_SIGNALS.includes(signal.name);
  // Java, for one, catches SIGQUIT all the same.
  const both = [...top.ignored, ...top.caught];
  if (asJob && JOB_SIGNALS.every((one) => both.includes(one))) {
    if (introducer.kind === 'shell' && introducer.group === top.group) {
      return [`${nameOf(introducer)} is a shell without job control: ${BACKGROUND}`];
    }
    if (introducer.kind !== 'shell') {
      return [`So it is with what a shell without job control has left behind: ${BACKGROUND}`];
    }
  }
  if (first === undefined && program.kind === 'shell' && stat.session === pid) {
    if (INTERACTIVE.includes(signal.name)) return ['An interactive shell ignores it by itself.'];
  }
  return signal.name === 'SIGHUP' ? ['nohup does that.'] : [];
}

const BACKGROUND =
  'it starts its background jobs (what stands before an &) with SIGINT and SIGQUIT ignored.';
