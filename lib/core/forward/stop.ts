import { addon } from '../../base/native/addon.js';
import type { SignalEvent } from '../events/SignalEvent.js';

// When this process last went on after a stop.
let wentOnAt = 0n;

/**
 * Stops this process as the terminal's Ctrl+Z would have done without us; here again after the
 * SIGCONT. What had arrived before that is over, as signal(7) has it: however many forward one stop,
 * and whether its echo comes from a group that this process is in, there is one stop for it.
 */
export function stopOnce({ number, timestamp }: SignalEvent): void {
  if (timestamp < wentOnAt) return;
  addon.performDefault(number);
  wentOnAt = process.hrtime.bigint();
}
