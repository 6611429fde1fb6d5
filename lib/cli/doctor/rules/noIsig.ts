import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { keyOf } from '../keys.js';
import { isMereCharacter, modeOf } from '../facts/mode.js';
import { relay } from './relay.js';

/** The terminal sends no signals at all: termios(3), ISIG. */
export function noIsig(facts: Facts): Finding | null {
  const { terminal, signal, route } = facts;
  if (terminal === null || signal.key === null || !isMereCharacter(facts)) return null;
  // Single keys are read by a program that has asked for it, to act on them or to hand them on.
  const single = terminal.keys?.lines === false;
  if (single && route === 'key' && relay(facts) !== null) return null;
  const key = keyOf(facts);
  return {
    importance: route !== 'key' ? 'note' : single ? 'unknown' : 'prevents',
    title: single
      ? `its terminal hands on single keys, and ${key} is one of them, whose meaning is up to the program`
      : `its terminal is in a mode where ${key} is a mere character`,
    evidence: [modeOf(facts)],
    conclusions: single
      ? [
          'So do editors, and who calls process.stdin.setRawMode(true): they see the character itself.',
        ]
      : [],
    remedy: single
      ? [
          'Whether the program acts on the character is in its own code or manual.',
          `If it has ended without putting it back: stty sane < ${terminal.path}`,
        ]
      : [`Put it back: stty isig < ${terminal.path}, or stty sane.`],
  };
}
