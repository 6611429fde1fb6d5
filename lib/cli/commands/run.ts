import { existsSync } from 'node:fs';
import { unsupported } from '../../base/errors/SignalError.js';
import type { Command } from '../Command.js';

/** Ignored by Node for its own sake: exec would hand it down to the command. */
const IGNORED_BY_NODE = ['SIGPIPE', 'SIGXFSZ'] as const;

/**
 * `sigbridge run`, where it was started by Node: this process becomes the launcher
 * (native/launch), which reads the arguments. bin/sigbridge leads there without Node.
 */
export const command: Command = {
  name: 'run',
  summary: 'start a program with signals ignored, blocked or at their default; --init',
  // For lists: the launcher prints its own.
  help: 'Usage: sigbridge run [options] -- command [arguments]\n',
  async run(args) {
    const { besideAddon } = await import('../../base/native/load.js');
    const { addon } = await import('../../base/native/addon.js');
    const { reset } = await import('../../core/change/change.js');
    const { check } = await import('../../base/native/check.js');
    const launcher = besideAddon('launcher');
    if (!existsSync(launcher)) {
      throw unsupported("'sigbridge run'", `its launcher ${launcher} was not built`);
    }
    for (const signal of IGNORED_BY_NODE) reset(signal, { force: true });
    check(addon.execute(launcher, [launcher, '--through-node', ...args]), 'execv');
    throw new Error('execv came back without an error');
  },
};
