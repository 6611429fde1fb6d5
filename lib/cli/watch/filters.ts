// What the kernel need not record: by signal, and by process where there is a list of those.
import { toNumber } from '../../base/signal/names.js';
import type { Filters } from './instance.js';

const SIGKILL = 9;
const SIGCHLD = toNumber('SIGCHLD');
/** A filter is at most a page long. */
const MOST_THREADS = 60;

/**
 * @internal
 * @param signals empty for all
 * @param threads of the processes that are watched; `null` for all
 */
export function filtersOf(
  signals: readonly number[],
  threads: ReadonlySet<number> | null,
): Filters {
  const near = threads !== null && threads.size <= MOST_THREADS ? [...threads] : null;
  const sent = near === null ? '' : either(['pid', 'common_pid'], near);
  const wanted = signals.length === 0 ? '' : either(['sig'], signals);
  // What kills in any case, and how a process ends, which its parent is told.
  const death = `sig==${SIGKILL}||(sig==${SIGCHLD}&&code>0)`;
  const dying = signals.length === 0 ? '' : either(['sig'], [...new Set([...signals, SIGKILL])]);
  return {
    signal_generate: both(wanted === '' ? '' : `(${wanted}||${death})`, sent),
    // Of any thread: one that has just begun may take what was meant for its process.
    signal_deliver: dying,
  };
}

function either(fields: readonly string[], values: readonly number[]): string {
  return `(${values.flatMap((value) => fields.map((field) => `${field}==${value}`)).join('||')})`;
}

function both(one: string, other: string): string {
  return [one, other].filter((part) => part !== '').join('&&');
}
