import type { Finding } from '../Cause.js';
import { endsAtOnce } from '../effects.js';
import type { Facts } from '../facts/Facts.js';

/** Frozen by its control group: cgroups(7), "freezer", and cgroup.freeze of version 2. */
export function frozen(facts: Facts): Finding | null {
  const { frozen: found, signal, pid } = facts;
  if (found === null) return null;
  // Of version 2 alone it is said that what is frozen can be killed.
  const acts = found.version === 2 && endsAtOnce(facts);
  return {
    importance: acts ? 'note' : 'prevents',
    title: acts
      ? `it is frozen by its cgroup, which does not keep ${signal.name} from ending it`
      : `it is frozen by its cgroup: ${signal.name} waits until that is thawed`,
    evidence: [`/proc/${pid}/cgroup leads to ${found.file}, which says that the group is frozen.`],
    remedy: [
      `Thaw it: echo ${found.thaw} > ${found.file}`,
      'docker pause freezes: docker unpause. systemctl freeze: systemctl thaw.',
    ],
  };
}
