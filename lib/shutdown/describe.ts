import { inspect } from 'node:util';
import { show } from '../base/errors/show.js';

/**
 * @internal What there is to say of something that was thrown. It may be anything, with getters and
 * inspectors that fail themselves: saying it never throws, or the stages behind would not run.
 */
export function wholly(error: unknown): string {
  return safely(error, () => inspect(error));
}

/** @internal The same in a few words. */
export function briefly(error: unknown): string {
  return safely(error, () => {
    const message: unknown = error instanceof Error ? error.message : undefined;
    return typeof message === 'string' ? message : inspect(error, { breakLength: Infinity });
  });
}

function safely(error: unknown, describe: () => string): string {
  try {
    return describe();
  } catch {
    return show(error);
  }
}
