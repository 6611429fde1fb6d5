import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { keyOf } from '../keys.js';

/** The terminal sends no signals at all: termios(3), ISIG. */
export function noIsig(facts: Facts): Finding | null {
  const { terminal, signal, route } = facts;
  if (terminal === null || signal.key === null || terminal.keys?.isig !== false) return null;
  return {
    importance: route === 'key' ? 'prevents' : 'note',
    title: `its terminal is in a mode where ${keyOf(facts)} is a mere character`,
    evidence: [`tcgetattr(${terminal.path}): ISIG is off.`],
    remedy: [
      `Put it back: stty isig < ${terminal.path}, or stty sane.`,
      'Who reads single keys (raw mode: editors, process.stdin.setRawMode(true)) sees the character ' +
        'itself, and must act on it.',
    ],
  };
}
