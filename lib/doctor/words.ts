import type { Culprit } from './Cause.js';

const LONGEST = 60;

/** A process by its id and the beginning of its command line. */
export function nameOf({ pid, command }: Culprit): string {
  return `process ${pid} (${cut(command)})`;
}

/** Names, with `and` before the last. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
