import { invalidArg } from './SignalError.js';

type Kind =
  'boolean' | 'AbortSignal' | 'function' | 'number' | 'string' | 'signals' | readonly string[];

/**
 * The known options out of a caller's object, checked; those that are `undefined` are left out.
 * A property that throws when it is read is bad input like any other.
 * @throws ERR_INVALID_ARG
 */
export function readOptions<Name extends string>(
  options: unknown,
  kinds: Readonly<Record<Name, Kind>>,
): Partial<Record<Name, unknown>> {
  if (options === undefined) return {};
  if (typeof options !== 'object' || options === null) {
    throw invalidArg('options', options, 'an object');
  }
  const found: Partial<Record<Name, unknown>> = {};
  for (const name of Object.keys(kinds) as Name[]) {
    const value = property(options, name);
    if (value === undefined) continue;
    if (!fits(value, kinds[name])) throw invalidArg(`options.${name}`, value, wanted(kinds[name]));
    found[name] = value;
  }
  return found;
}

function property(options: object, name: string): unknown {
  try {
    return (options as Record<string, unknown>)[name];
  } catch {
    throw invalidArg('options', options, `an object whose property '${name}' can be read`);
  }
}

function fits(value: unknown, kind: Kind): boolean {
  if (kind === 'AbortSignal') return isAbortSignal(value);
  if (kind === 'signals') return true; // checked by whoever turns them into numbers
  if (typeof kind === 'string') return typeof value === kind;
  return typeof value === 'string' && kind.includes(value);
}

function isAbortSignal(value: unknown): boolean {
  try {
    return value instanceof AbortSignal;
  } catch {
    return false; // a revoked proxy
  }
}

function wanted(kind: Kind): string {
  if (kind === 'AbortSignal') return 'an AbortSignal';
  if (typeof kind === 'string') return `a ${kind}`;
  return kind.map((choice) => `'${choice}'`).join(' or ');
}
