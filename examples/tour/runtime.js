'use strict';

// What differs between the runtimes that the tour may run in.

const { versions } = process;
const name = ['deno', 'bun'].find((each) => versions[each] !== undefined) ?? 'node';

module.exports = {
  /** How this runtime runs a program. */
  command: {
    node: [process.execPath],
    deno: [process.execPath, 'run', '--allow-all', '--quiet'],
    bun: [process.execPath, 'run'],
  }[name],

  /** `Node 20.1.2` */
  title: `${name[0].toUpperCase()}${name.slice(1)} ${versions[name]}`,

  /** Node puts the signals 1 to 31 to their defaults when it starts, or to handlers of its own. */
  resets: name === 'node',

  /** Whether its children are given the real-time signals as it has them itself. */
  handsDown: name !== 'bun',
};
