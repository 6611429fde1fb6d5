import { shortCommand } from '../../base/text/shortened.js';
import type { Culprit } from './Cause.js';

/** A process by its id and the beginning of its command line. */
export function nameOf({ pid, command }: Culprit): string {
  return `process ${pid} (${shortCommand(command)})`;
}

/** Names, with `and` before the last. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
