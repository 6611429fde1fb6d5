import type { Finding } from '../Cause.js';
import type { Relative } from '../facts/ancestors.js';
import type { Below, Facts } from '../facts/Facts.js';
import { handsKeyBack } from '../facts/jobControl.js';
import { handsToGroup, waiterOf } from '../facts/program.js';
import { endsByForce, killsAfter } from '../outcome.js';
import { listed, nameOf } from '../words.js';

/** A process between the sender and the program: a shell, a package runner, or any that does not pass signals on. */
export function wrapper(facts: Facts): Finding | null {
  return before(facts) ?? behind(facts);
}

/** The process is the wrapper: its child is the program. */
function before(facts: Facts): Finding | null {
  const { program, disposition, route } = facts;
  const waiter = waiterOf(program);
  if (waiter === 'passes' || (waiter === 'waits' && route === 'key'))
    return standing(facts, waiter);
  if (disposition === 'ignored') return null;
  if (program.kind === 'shell' && looksLater(facts)) return waiting(facts);
  return facts.route === 'key' ? outlived(facts) : alone(facts);
}

/** What becomes of it is up to who it waits for. */
function standing(facts: Facts, waiter: 'waits' | 'passes'): Finding | null {
  const { below, program, pid, signal, route, disposition, taker } = facts;
  // Sent to it alone, what it does not take ends it alone.
  if (route === 'kill' && disposition !== 'caught' && taker === null) return alone(facts);
  const [first] = below;
  if (first === undefined) return null;
  const goesOn = below.find(({ effect }) => effect === 'nothing' || effect === 'stops');
  // What others of its group do may end it all the same.
  const kills = killsAfter(facts);
  const stays = handsToGroup(program) || kills !== null ? undefined : goesOn;
  const open = below.find(({ effect }) => effect === 'unknown') ?? goesOn;
  const one = stays ?? open ?? first;
  const name = nameOf(one.child);
  if (open !== undefined && kills !== null && endsByForce(facts)) return forced(facts, one, kills);
  const clause =
    stays !== undefined
      ? `which goes on: ${one.because}`
      : open !== undefined
        ? `and whether that ends is not seen: ${one.because}`
        : one.effect === 'runs'
          ? 'whose handler decides'
          : 'and ends with it';
  const warning = below.find((each) => each.warning !== null)?.warning ?? null;
  const passes = warning === null ? 'note' : 'warning';
  return {
    importance: stays !== undefined ? 'prevents' : open !== undefined ? 'unknown' : passes,
    title: `${called(program)} waits for ${name}, ${clause}${warning === null ? '' : `; of that one: ${warning}`}`,
    evidence: [`/proc/${pid}/cmdline: ${program.command}`, `Its child is ${name}.`],
    conclusions: [
      waiter === 'passes' && route === 'kill'
        ? `Such a program hands ${signal.name} on to its child, and ends when that has ended.`
        : 'Such a program ends when its child has ended.',
    ],
    remedy: stays === undefined && open === undefined ? remedy() : forChild(one.child),
    culprit: one.child,
  };
}

/** It kills who has not ended by what it hands on. */
function forced(
  { program, pid, signal }: Facts,
  { child, because }: Below,
  after: number,
): Finding {
  return {
    importance: 'warning',
    title: `${program.name} kills ${nameOf(child)} ${after} s later, and ends with it: ${because}`,
    evidence: [`/proc/${pid}/cmdline: ${program.command}`, `Its child is ${nameOf(child)}.`],
    conclusions: [
      `${program.name} hands ${signal.name} on, and sends SIGKILL to whom that has not ended.`,
    ],
    remedy: forChild(child),
    culprit: child,
  };
}

// npm and its like are run by Node.
function called({ kind, name, command }: Facts['program']): string {
  return kind === 'package-runner'
    ? (/\b(npm|npx|yarn|pnpm|pnpx)\b/.exec(command)?.[0] ?? name)
    : name;
}

/** Whether a shell looks at the signal only when the command that it waits for has ended, or may do so. */
function looksLater(facts: Facts): boolean {
  const { shell, disposition, signal, receiver, route } = facts;
  if (route === 'key' && handsKeyBack(facts)) return true;
  if (shell === null || shell.waits === 'builtin' || shell.waits === 'no') return false;
  // A shell that has a trap for its own end catches what ends it, and then ends at once.
  if (shell.trap === false && signal.name !== 'SIGINT') return false;
  return disposition === 'caught' || (signal.name === 'SIGINT' && receiver === null);
}

function waiting(facts: Facts): Finding | null {
  const { shell, signal, route, children, below, pid, program } = facts;
  const names = listed(children.map(nameOf));
  const evidence = [
    `/proc/${pid}/cmdline: ${program.command}`,
    ...(children.length === 0 ? [] : [`Below it: ${names}.`]),
  ];
  const conclusions = [
    `A shell that waits for a command runs traps, and looks at SIGINT, when that has ended.`,
  ];
  const [first] = children;
  const common = { evidence, conclusions, ...(first === undefined ? {} : { culprit: first }) };
  if (shell?.waits == null) {
    // By a key that ends all below it, it acts either way.
    const ends =
      route === 'key' && below.length > 0 && below.every(({ effect }) => effect === 'ends');
    if (first === undefined || ends) return null;
    const title = `it is a shell, and whether it waits for ${names}, and then looks at ${signal.name} later, is not seen`;
    return { importance: 'unknown', title, ...common, remedy: [TRACE(pid)] };
  }
  if (first === undefined) return null;
  if (route === 'kill') {
    const title = `it is only a wrapper: a shell acts on ${signal.name} when ${names} ${first === children.at(-1) ? 'has' : 'have'} ended`;
    return { importance: 'prevents', title, ...common, remedy: remedy() };
  }
  return byKey(facts, below, common);
}

/** The key reaches all of the group: what becomes of the shell is decided by who it waits for. */
function byKey(
  { signal, pid, shell, program, init }: Facts,
  below: readonly Below[],
  common: Pick<Finding, 'evidence' | 'conclusions'>,
): Finding | null {
  // SIGINT, put off, comes to zsh with the end of any child, whoever else of a pipeline goes on; to a first process it does not.
  const any = program.name === 'zsh' && signal.name === 'SIGINT' && shell?.trap === false;
  if (any && !init.is && below.some(({ effect }) => effect === 'ends')) return null;
  const stays = below.find(({ effect }) => effect === 'nothing' || effect === 'stops');
  if (stays !== undefined) {
    return {
      importance: 'prevents',
      title: `it is a shell that waits for ${nameOf(stays.child)}, which does not end by it: ${stays.because}`,
      ...common,
      culprit: stays.child,
      remedy: forChild(stays.child),
    };
  }
  const open = below.find(({ effect }) => effect === 'unknown' || effect === 'runs');
  if (open === undefined) return null;
  return {
    importance: 'unknown',
    title: `it is a shell that waits for ${nameOf(open.child)}, and whether that ends is not seen: ${open.because}`,
    ...common,
    culprit: open.child,
    remedy: [
      `Ask about that one: sigbridge doctor ${open.child.pid} --signal ${signal.name}`,
      TRACE(pid),
    ],
  };
}

/** It ends by a key, and somebody whom it has started does not. */
function outlived({ below, disposition, pid }: Facts): Finding | null {
  const stays = below.filter(({ effect }) => effect === 'nothing');
  const [first] = stays;
  if (first === undefined) return null;
  const names = listed(stays.map(({ child }) => nameOf(child)));
  return {
    importance: disposition === 'default' ? 'warning' : 'note',
    title: `${names} below it ${stays.length === 1 ? 'goes' : 'go'} on: ${first.because}`,
    evidence: [`Processes below ${pid}: ${names}.`],
    remedy: forChild(first.child),
    culprit: first.child,
  };
}

/** A signal to it alone: what it has started is not reached. */
function alone(facts: Facts): Finding | null {
  const { program, children, stat, signal, disposition, taker, pid } = facts;
  // In a group of its own the child would be a job, and the shell an interactive one.
  const inGroup = children.filter(({ group }) => group === stat.group);
  const [child] = inGroup;
  if (child === undefined || signal.action === 'ignore' || signal.action === 'continue')
    return null;
  const names = listed(inGroup.map(nameOf));
  const one = inGroup.length === 1;
  const evidence = [
    `/proc/${pid}/cmdline: ${program.command}`,
    `Its ${one ? 'child is' : 'children are'} ${names}.`,
  ];
  if (disposition === 'default' && taker === null) {
    const stops = signal.action === 'stop';
    const title = `it is only a wrapper: ${signal.name} ${stops ? 'stops' : 'ends'} it, but not ${names}`;
    return { importance: 'warning', title, evidence, remedy: remedy(), culprit: child };
  }
  return null;
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
    evidence: [`/proc/${parent.pid}/cmdline: ${parent.command}`],
    conclusions: [
      'Who signals the parent, as docker stop, systemd or PM2 may do, does not reach this process.',
    ],
    remedy: remedy(),
    culprit: parent,
  };
}

function isWrapper({ kind }: { kind: Relative['kind'] }): boolean {
  return kind === 'shell' || kind === 'package-runner';
}

/** What helps with those that leave the job by themselves. */
function forChild({ name, pid }: Relative): string[] {
  const ask = `Ask about that one: sigbridge doctor ${pid}`;
  if (name === 'timeout') {
    return [
      'timeout --foreground stays in the job, and lets the key through; then it ends its command only, not what that has started.',
      `Or signal it: kill -INT ${pid}`,
    ];
  }
  if (name === 'setsid') return ['Without setsid the command stays in the job.', ask];
  return [ask, `Or signal it: kill ${pid}`];
}

const TRACE = (pid: number): string =>
  `From outside, gdb -p ${pid} or strace -p ${pid}, as root, shows what it waits for.`;

function remedy(): string[] {
  return [
    'In sh -c and in scripts, start the program by exec: exec node app.js.',
    'Start it without a wrapper: node app.js instead of npm start; ["node", "app.js"] as CMD.',
    'Or signal the whole process group: kill -- -PGID.',
  ];
}
