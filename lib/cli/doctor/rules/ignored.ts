import type { Finding } from '../Cause.js';
import type { Relative } from '../facts/ancestors.js';
import type { Facts } from '../facts/Facts.js';
import { fallsWith } from '../outcome.js';
import { listed, nameOf } from '../words.js';
import { follows } from './follows.js';

/**
 * Set to SIG_IGN: by the program itself, or by somebody above, since it is inherited through exec.
 * signal(7) May be called from any thread. sigaction(2).
 */
export function ignored(facts: Facts): Finding | null {
  const { signal, disposition, pid, ancestors } = facts;
  if (disposition !== 'ignored' || fallsWith(facts)) return null;
  const evidence = `/proc/${pid}/status: SigIgn holds ${signal.name}.`;
  const meanwhile = follows(facts, `it ignores ${signal.name}`, [evidence]);
  if (meanwhile !== null) return meanwhile;
  const introducer = ancestors.find((one) => !one.ignored.includes(signal.name));
  const { conclusions, remedy, inherited } = origin(facts, introducer);
  const finding: Finding = {
    importance: 'prevents',
    title: `${signal.name} is ignored`,
    evidence: [evidence, ...above(facts, introducer)],
    conclusions,
    remedy,
  };
  return introducer === undefined || !inherited ? finding : { ...finding, culprit: introducer };
}

function above({ signal, ancestors }: Facts, introducer: Relative | undefined): string[] {
  if (introducer === undefined) {
    const top = ancestors.at(-1);
    return top === undefined
      ? ['It has no ancestor that could be asked.']
      : [`All its ancestors ignore it too, up to ${nameOf(top)}.`];
  }
  const between = ancestors.slice(0, ancestors.indexOf(introducer)).map(nameOf);
  const also =
    between.length === 0
      ? []
      : [`${listed(between)} above it ignore${between.length === 1 ? 's' : ''} it too.`];
  return [
    ...also,
    `The first ancestor that does not ignore ${signal.name} is ${nameOf(introducer)}.`,
  ];
}

const JOB_SIGNALS: readonly string[] = ['SIGINT', 'SIGQUIT'];

const INTERACTIVE: readonly string[] = ['SIGTERM', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'];

interface Origin {
  conclusions: string[];
  remedy: string[];
  /** Whether it is likely to have come from above. */
  inherited: boolean;
}

/** Who has set it is nowhere written down: what is known of such programs is a conclusion. */
function origin(facts: Facts, introducer: Relative | undefined): Origin {
  const { signal, sets, stat, ancestors } = facts;
  const between =
    introducer === undefined ? ancestors : ancestors.slice(0, ancestors.indexOf(introducer));
  const first = between.at(-1);
  const top = first ?? { ...sets, group: stat.group };
  // Java, for one, catches SIGQUIT all the same.
  const both = [...top.ignored, ...top.caught];
  const asJob = JOB_SIGNALS.includes(signal.name) && JOB_SIGNALS.every((one) => both.includes(one));
  const own = habit(facts, ancestors[0] === introducer, asJob);
  if (own !== null) return { conclusions: [own.says], remedy: own.remedy, inherited: false };
  const remedy = [
    `If it was inherited: sigbridge run --default ${signal.name} -- COMMAND, or env --default-signal=${signal.name.slice(3)} COMMAND.`,
    `If the program sets it itself, only the program can undo that. Who did it, sigbridge trace -- COMMAND shows.`,
  ];
  if (asJob && introducer !== undefined) {
    const jobs =
      'set -m in that script gives its background jobs process groups, and ignores nothing.';
    const says =
      introducer.kind === 'shell' && introducer.group === top.group
        ? `${nameOf(introducer)} is a shell without job control, by all signs: ${BACKGROUND}`
        : `So it is with what a shell without job control has left behind: ${BACKGROUND}`;
    return { conclusions: [says], remedy: [...remedy, jobs], inherited: true };
  }
  if (first !== undefined) {
    const says = `It was inherited, by all signs, from ${nameOf(first)}, or from who started that.`;
    return { conclusions: [says, ...nohup(signal.name)], remedy, inherited: true };
  }
  const says =
    introducer === undefined
      ? 'It was inherited from the very beginning, or set by the program itself.'
      : `The program has set it itself, or ${nameOf(introducer)} has, on its way to start it.`;
  return { conclusions: [says, ...nohup(signal.name)], remedy, inherited: false };
}

function nohup(signal: string): string[] {
  return signal === 'SIGHUP' ? ['nohup does that.'] : [];
}

const BACKGROUND =
  'it starts its background jobs (what stands before an &) with SIGINT and SIGQUIT ignored.';

/** What such a program is known to do by itself. */
function habit(
  { signal, program, stat, pid, shell }: Facts,
  parentDoesNot: boolean,
  asJob: boolean,
): { says: string; remedy: string[] } | null {
  const { name } = signal;
  const plain = name.slice(3);
  const broken = name === 'SIGPIPE' || name === 'SIGXFSZ';
  if (program.kind === 'python' && broken) {
    const remedy = [`In the program: signal.signal(signal.${name}, signal.SIG_DFL).`];
    return { says: `Python ignores ${name} itself, at its start.`, remedy };
  }
  if (program.kind === 'node' || program.kind === 'package-runner') {
    // Node sets signals 1 to 31 to their default when it starts.
    const says =
      broken && name === 'SIGPIPE'
        ? 'Node ignores SIGPIPE itself, at its start.'
        : 'Node sets its signals to the default at its start: the program has set it since, or an addon.';
    const remedy = [`In the program: sigbridge's reset('${name}') or resetIgnored().`];
    return signal.number > 31 ? null : { says, remedy };
  }
  if (program.kind !== 'shell' || !parentDoesNot) return null;
  if (stat.session === pid && INTERACTIVE.includes(name)) {
    return { says: 'An interactive shell ignores it by itself.', remedy: ['SIGHUP ends it.'] };
  }
  const sure = shell?.trapped === 'ignored';
  if (sure || (name !== 'SIGQUIT' && !asJob)) {
    const says = sure
      ? `The shell has been told so: trap '' ${plain}.`
      : `A shell sets it by itself only when it is told so: trap '' ${plain}.`;
    return { says, remedy: [`In the script: trap - ${plain}, or no trap '' ${plain}.`] };
  }
  return null;
}
