import type { ActionChange, Change, Place, TracedProcess, Warning, WarningRule } from './model.js';
import { placeText, processText } from './words.js';

interface Evidence {
  processes: TracedProcess[];
  /** The actions of each signal in each process, in order. */
  histories: ReadonlyMap<string, Found[]>;
}

interface Found {
  index: number;
  change: ActionChange;
}

/** What the record shows that is likely to go wrong, or has. */
export function warningsOf(processes: TracedProcess[], changes: Change[]): Warning[] {
  const evidence = { processes, histories: historiesOf(changes) };
  return [
    ...replacedHandlers(evidence),
    ...withoutOnStack(evidence),
    ...inheritedIgnores(evidence),
  ].sort((a, b) => (a.changes[0] ?? 0) - (b.changes[0] ?? 0));
}

// A handler that somebody else takes away: by the default, or for one that will not call it.
function replacedHandlers({ processes, histories }: Evidence): Warning[] {
  return [...histories.values()].flatMap((history) => {
    const warnings = new Warnings();
    const setters = new Map<string, string | null>();
    const later = new Tally(history.map(({ change }) => change.to.handler?.address ?? ''));
    for (const { index, change } of history) {
      later.remove(change.to.handler?.address ?? '');
      const lost = change.from?.handler ?? null;
      const own = change.who === null || moduleOf(change) === lost?.module;
      const set = lost !== null && setters.get(lost.address) === moduleOf(change);
      const putBack = lost !== null && later.has(lost.address);
      if (change.to.handler !== null) setters.set(change.to.handler.address, moduleOf(change));
      if (lost === null || change.to.handler?.address === lost.address) continue;
      // Whoever has set a handler, or whose code it is, may do with it what they want.
      if (own || set || putBack || isBeforeExec(change, processes)) continue;
      warnings.add(replacement(change, lost), change, index);
    }
    return warnings.all;
  });
}

function replacement(
  change: ActionChange,
  lost: Place,
): { rule: WarningRule; message: string } | null {
  const { signal, to } = change;
  const who = change.who === null ? 'Somebody' : placeText(change.who);
  if (to.disposition === 'default') {
    const message = `${who} set SIG_DFL for ${signal} over the handler ${placeText(lost)}, which is called no more.`;
    return { rule: 'default-over-handler', message };
  }
  if (isSaved(change)) return null;
  const what =
    to.handler === null ? `ignored ${signal}` : `set ${placeText(to.handler)} for ${signal}`;
  const message =
    `${who} ${what} without saving the handler ${placeText(lost)}, ` +
    'which can neither be called from there nor be put back.';
  return { rule: 'replaced-without-saving', message };
}

// signal(3) gives back the handler alone, which is all there is to know about a plain one.
function isSaved({ saved, from }: ActionChange): boolean {
  if (saved !== 'handler') return saved !== 'nothing';
  return from?.flags.includes('SA_SIGINFO') !== true;
}

// A child that is about to become another program: that has no handlers anyway.
function isBeforeExec({ process, pid, time }: ActionChange, processes: TracedProcess[]): boolean {
  if (processes[process]?.how !== 'fork') return false;
  return processes.some((other) => other.pid === pid && other.how === 'exec' && other.time >= time);
}

function moduleOf({ who }: ActionChange): string | null {
  return who?.module ?? null;
}

// Go's stacks are small and move: a handler that runs on one writes over somebody's memory (os/signal,
// "Non-Go programs that call Go code").
function withoutOnStack({ processes, histories }: Evidence): Warning[] {
  return [...histories.values()].flatMap((history) => {
    const warnings = new Warnings();
    for (const { index, change } of history) {
      const { process, signal, to } = change;
      if (to.handler === null || to.flags.includes('SA_ONSTACK')) continue;
      if (processes[process]?.go !== true) continue;
      const message =
        `The handler ${placeText(to.handler)} for ${signal} lacks SA_ONSTACK in a process with Go, ` +
        'whose goroutines have stacks too small for it: the program crashes when it runs on one.';
      warnings.add({ rule: 'no-onstack-with-go', message }, change, index);
    }
    return warnings.all;
  });
}

// exec(3) puts handlers back to the default, and leaves what is ignored.
function inheritedIgnores({ processes, histories }: Evidence): Warning[] {
  const blamed = new Map<number, { change: ActionChange; heirs: number[] }>();
  for (const [heir, process] of processes.entries()) {
    for (const signal of process.ignored ?? []) {
      const found = whoIgnored(signal, heir, processes, histories);
      if (found === null) continue;
      const entry = blamed.get(found.index) ?? { change: found.change, heirs: [] };
      entry.heirs.push(heir);
      blamed.set(found.index, entry);
    }
  }
  return [...blamed].map(([index, { change, heirs }]) => {
    const { process, signal, who } = change;
    const names = heirs.map((heir) => processText(processes[heir])).join(', ');
    const setter = who === null ? processText(processes[process]) : placeText(who);
    const message = `${setter} ignored ${signal}, and what was started since inherits that: ${names}.`;
    return { rule: 'ignore-inherited', process, signal, message, changes: [index] };
  });
}

/** What is left of a list from which one after the other is taken. */
class Tally {
  readonly #counts = new Map<string, number>();

  constructor(values: string[]) {
    for (const value of values) this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  remove(value: string): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) - 1);
  }

  has(value: string): boolean {
    return (this.#counts.get(value) ?? 0) > 0;
  }
}

/** The same warning about many changes is one. */
class Warnings {
  readonly #byMessage = new Map<string, Warning>();

  get all(): Warning[] {
    return [...this.#byMessage.values()];
  }

  add(
    found: { rule: WarningRule; message: string } | null,
    { process, signal }: ActionChange,
    index: number,
  ): void {
    if (found === null) return;
    const warning = this.#byMessage.get(found.message);
    if (warning !== undefined) warning.changes.push(index);
    else this.#byMessage.set(found.message, { ...found, process, signal, changes: [index] });
  }
}

// The change that is to blame, in the program that this one was started by, or in those above it.
function whoIgnored(
  signal: string,
  heir: number,
  processes: TracedProcess[],
  histories: ReadonlyMap<string, Found[]>,
): Found | null {
  const until = processes[heir]?.time ?? 0;
  for (let at = startedBy(heir, processes); at !== null; at = startedBy(at, processes)) {
    const history = histories.get(keyOf(at, signal)) ?? [];
    const last = history.findLast(({ change }) => change.time <= until);
    if (last !== undefined) return last.change.to.disposition === 'ignore' ? last : null;
  }
  return null;
}

// The program that was there before in the same process, or else the parent's.
function startedBy(index: number, processes: TracedProcess[]): number | null {
  const { pid, parent } = processes[index] ?? { pid: 0, parent: null };
  const earlier = (wanted: number | null): number =>
    processes.findLastIndex((other, at) => at < index && other.pid === wanted);
  const same = earlier(pid);
  const found = same >= 0 ? same : earlier(parent);
  return found >= 0 ? found : null;
}

function historiesOf(changes: Change[]): Map<string, Found[]> {
  const histories = new Map<string, Found[]>();
  for (const [index, change] of changes.entries()) {
    if (change.kind !== 'action') continue;
    const key = keyOf(change.process, change.signal);
    const history = histories.get(key);
    if (history === undefined) histories.set(key, [{ index, change }]);
    else history.push({ index, change });
  }
  return histories;
}

function keyOf(process: number, signal: string): string {
  return `${process} ${signal}`;
}
