import type { Facts, KeySignal } from './facts/Facts.js';
import { keyName } from './facts/terminal.js';

/** What terminals begin with: the character, its name in termios(3), and for stty(1). */
export const USUAL: Record<KeySignal, { code: number; field: string; stty: string }> = {
  SIGINT: { code: 3, field: 'VINTR', stty: 'intr' },
  SIGQUIT: { code: 28, field: 'VQUIT', stty: 'quit' },
  SIGTSTP: { code: 26, field: 'VSUSP', stty: 'susp' },
};

/** The usual key of the signal, such as `'Ctrl+C'`. */
export function keyOf({ signal }: Facts): string {
  return signal.key === null ? signal.name : keyName(USUAL[signal.key].code);
}
