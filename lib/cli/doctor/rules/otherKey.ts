import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { isMereCharacter } from '../facts/mode.js';
import { keyName } from '../facts/terminal.js';
import { USUAL } from '../keys.js';

/** Another key sends the signal, or none: termios(3), VINTR, VQUIT, VSUSP. */
export function otherKey(facts: Facts): Finding | null {
  const { terminal, signal, route } = facts;
  if (!terminal?.keys || signal.key === null) return null;
  const usual = USUAL[signal.key];
  const code = terminal.keys[signal.key];
  if (code === usual.code) return null;
  // Whoever reads single keys may act on it, or hand it on.
  if (code === null && isMereCharacter(facts) && !terminal.keys.lines) return null;
  const key = code === null ? 'no key' : keyName(code);
  return {
    importance: route === 'key' ? 'prevents' : 'note',
    title: `on its terminal ${key} sends ${signal.name}, not ${keyName(usual.code)}`,
    evidence: [
      `tcgetattr(${terminal.path}): ${usual.field} is ${code === null ? 'disabled' : keyName(code)}.`,
    ],
    remedy: [
      `Put it back: stty ${usual.stty} '^${String.fromCharCode(usual.code + 64)}' < ${terminal.path}`,
      ...(code === null ? [] : [`Or press ${key}.`]),
    ],
  };
}
