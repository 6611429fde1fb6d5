import type { Facts } from './Facts.js';

/** Whether the terminal hands the key on as it is: it sends no signals, or reads single keys, and none is left for this one. */
export function isMereCharacter({ terminal, signal }: Facts): boolean {
  if (!terminal?.keys || signal.key === null) return false;
  const { isig, lines } = terminal.keys;
  return !isig || (!lines && terminal.keys[signal.key] === null);
}

/** That, as it was read. */
export function modeOf({ terminal, signal }: Facts): string {
  const off = [
    ...(terminal?.keys?.isig === false ? ['ISIG'] : [`the character of ${signal.name}`]),
    ...(terminal?.keys?.lines === false ? ['ICANON'] : []),
  ];
  return `tcgetattr(${terminal?.path}): ${off.join(' is off, and ')}${off.length > 1 ? ' too' : ' is off'}.`;
}
