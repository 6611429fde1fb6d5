import type { ActionChange, Change, Ownership, TracedProcess } from './model.js';

/** Who has each signal at the end, in each process: those that were changed, or begun with ignored. */
export function ownersOf(processes: TracedProcess[], changes: Change[]): Ownership[] {
  return processes.flatMap((process, index) => {
    const owned = new Map<string, Ownership>();
    for (const signal of process.ignored ?? []) {
      owned.set(signal, row(index, signal, 'ignore', null));
    }
    changes.forEach((change, at) => {
      if (change.process !== index || change.kind !== 'action') return;
      owned.set(change.signal, ownership(change, at));
    });
    return [...owned.values()];
  });
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
