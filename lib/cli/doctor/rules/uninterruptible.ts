import type { Finding } from '../Cause.js';
import { endsAtOnce } from '../effects.js';
import type { Facts } from '../facts/Facts.js';

/** Waits of which it is known that a signal which ends the process ends them too (TASK_KILLABLE). */
const KILLABLE = /killable|^kernel_clone$|^wait_for_vfork_done$|^request_wait_answer$/;

/** In the kernel, in a wait that no handler may interrupt: state D, the whole time it was watched. */
export function uninterruptible(facts: Facts): Finding | null {
  const { activity, signal, pid, frozen } = facts;
  // What version 1 of the freezer has frozen looks so too.
  if (activity === null || frozen !== null) return null;
  const { thread, watchedMs, waits, state, waitsIn } = activity;
  if (thread.state !== 'D' || state !== 'D' || waits > 0) return null;
  const acts = endsAtOnce(facts) && KILLABLE.test(waitsIn);
  return {
    importance: acts ? 'note' : 'prevents',
    title: acts
      ? `it is in an uninterruptible wait, which ${signal.name} ends all the same`
      : `it is in an uninterruptible wait: ${signal.name} is not looked at before that ends`,
    evidence: [
      `/proc/${pid}/task/${thread.tid}/stat: state D, without a change for ${Math.round(watchedMs)} ms.`,
      ...(waitsIn === '' ? [] : [`It waits in the kernel's ${waitsIn}.`]),
      ...(waitsIn === 'kernel_clone' ? ['So waits who has called vfork, for its child.'] : []),
    ],
    remedy: [
      'Mend what it waits for: a disk, an NFS or FUSE server that does not answer, the child of a vfork.',
      `cat /proc/${pid}/stack, as root, shows where it waits.`,
    ],
  };
}
