import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { background } from './background.js';
import { blocked } from './blocked.js';
import { eventLoopBlocked } from './eventLoopBlocked.js';
import { frozen } from './frozen.js';
import { hangUp } from './hangUp.js';
import { hidden } from './hidden.js';
import { ignored } from './ignored.js';
import { ignoredByDefault } from './ignoredByDefault.js';
import { init } from './init.js';
import { noIsig } from './noIsig.js';
import { noTerminal } from './noTerminal.js';
import { notPermitted } from './notPermitted.js';
import { kernelThread } from './kernelThread.js';
import { mainThreadBusy } from './mainThreadBusy.js';
import { nothingToContinue } from './nothingToContinue.js';
import { orphanedGroup } from './orphanedGroup.js';
import { otherKey } from './otherKey.js';
import { pending } from './pending.js';
import { relay } from './relay.js';
import { stopped } from './stopped.js';
import { traced } from './traced.js';
import { uninterruptible } from './uninterruptible.js';
import { wrapper } from './wrapper.js';
import { zombie } from './zombie.js';

/** What a rule makes of the facts: `null` where it has nothing to say. */
export type Rule = (facts: Facts) => Finding | null;

/** By what they are called in docs/troubleshooting.md; of equal importance, the first comes first. */
export const RULES: Readonly<Record<string, Rule>> = {
  zombie,
  'kernel-thread': kernelThread,
  'not-permitted': notPermitted,
  init,
  ignored,
  'ignored-by-default': ignoredByDefault,
  blocked,
  hidden,
  frozen,
  stopped,
  traced,
  uninterruptible,
  'event-loop-blocked': eventLoopBlocked,
  'main-thread-busy': mainThreadBusy,
  wrapper,
  background,
  'hang-up': hangUp,
  'no-terminal': noTerminal,
  relay,
  'no-isig': noIsig,
  'other-key': otherKey,
  'orphaned-group': orphanedGroup,
  'nothing-to-continue': nothingToContinue,
  pending,
};
