import type { ActionChange, Change, Ownership, TracedProcess } from './model.js';

/** Who has each signal at the end, in each process: those that were changed, or begun with ignored. */
export function ownersOf(processes: TracedProcess[], changes: Change[]): Ownership[] {
  const owned = processes.map(({ ignored }, index) => {
    const begun = (ignored ?? []).map((signal) => row(index, signal, 'ignore', null));
    return new Map(begun.map((one) => [one.signal, one]));
  });
  changes.forEach((change, at) => {
    if (change.kind === 'action') owned[change.process]?.set(change.signal, ownership(change, at));
  });
  return owned.flatMap((signals) => [...signals.values()]);
}

function ownership({ process, signal, to }: ActionChange, at: number): Ownership {
  return { ...row(process, signal, to.disposition, at), owner: to.handler };
}

function row(
  process: number,
  signal: string,
  disposition: Ownership['disposition'],
  change: number | null,
): Ownership {
  return { process, signal, disposition, owner: null, change };
}
