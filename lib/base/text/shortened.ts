/** `text`, or its beginning where it is longer than `longest` characters. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

const LONGEST_COMMAND = 60;
const FOLDERS = /(?<=^|\s)\/\S*\/(?=[^\s/])/g;

/**
 * A command line for use in a line of text. Where it is too long, the folders go first: what tells
 * one `/opt/a/b/bin/node /srv/c/d/app.js` from another stands behind them.
 */
export function shortCommand(command: string): string {
  const fits = command.length <= LONGEST_COMMAND;
  return fits ? command : shortened(command.replaceAll(FOLDERS, '…/'), LONGEST_COMMAND);
}
