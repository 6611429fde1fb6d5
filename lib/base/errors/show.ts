import { inspect } from 'node:util';
import { shortened } from '../text/shortened.js';

const LONGEST = 80;

/**
 * A short, one-line rendering of any value for an error message. Never throws and never runs the
 * value's own code where that can be avoided: an error about bad input must not fail on that input.
 */
export function show(value: unknown): string {
  return shortened(render(value), LONGEST);
}

function render(value: unknown): string {
  try {
    return inspect(value, {
      // `toString` and `inspect.custom` belong to the caller and may do anything.
      customInspect: false,
      depth: 0,
      breakLength: Infinity,
      maxArrayLength: 5,
      maxStringLength: 40,
    });
  } catch {
    // A throwing `Symbol.toStringTag`, `constructor` or `stack`: even `inspect` reads those.
    return typeof value === 'function' ? '[Function]' : '[Object]';
  }
}
