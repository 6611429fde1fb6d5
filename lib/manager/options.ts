import { requireCount, requirePositiveMs } from '../base/errors/numbers.js';
import { readOptions } from '../base/errors/options.js';
import { invalidArg } from '../base/errors/SignalError.js';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import type { DedupeKey } from './Window.js';

/** What holds for every handler that does not say otherwise. */
export interface HandlerDefaults {
  /** How long a handler may take, in ms; 2,000 by default. */
  timeoutMs?: number;
  /** How long a key is remembered at most, in ms; 5 minutes by default. */
  windowMs?: number;
  /** After so many failures in a row the circuit opens; 5 by default. */
  threshold?: number;
  /** After so many ms one trial may close it again; 30,000 by default. */
  resetMs?: number;
}

export interface SignalManagerOptions extends HandlerDefaults {
  /** How many handlers may run at once, of all together; higher priorities get the next place. */
  concurrency?: number;
  /** Keep the event loop alive while there are handlers. */
  ref?: boolean;
}

export interface HandlerOptions extends HandlerDefaults {
  /** Higher ones run first; 0 by default. */
  priority?: number;
  /**
   * What makes an arrival a repeat: the signal (`true`, the default), or what a function says of the
   * event (`undefined`: never one). `false`: every arrival is handled.
   */
  dedupe?: boolean | DedupeKey;
  /** How many calls of this handler may run at once; no limit by default. */
  concurrency?: number;
  /** Answers instead, when the handler fails, is too late, or is not called as its circuit is open. */
  fallback?: (event: SignalEvent, error: unknown) => unknown;
  /** For results and messages; the function's own name by default. */
  name?: string;
}

/** @internal Every number and name decided. */
export interface CheckedOptions extends Required<HandlerDefaults> {
  priority: number;
  concurrency: number;
  name: string;
  dedupe: DedupeKey | null;
  fallback: HandlerOptions['fallback'];
}

/** @internal */
export interface CheckedManagerOptions {
  defaults: Required<HandlerDefaults>;
  concurrency: number;
  ref: boolean;
}

const TIMES = {
  timeoutMs: 'number',
  windowMs: 'number',
  threshold: 'number',
  resetMs: 'number',
} as const;
const MANAGER = { ...TIMES, concurrency: 'number', ref: 'boolean' } as const;
const HANDLER = {
  ...TIMES,
  priority: 'number',
  dedupe: 'signals',
  concurrency: 'number',
  fallback: 'function',
  name: 'string',
} as const;

const DEFAULTS: Required<HandlerDefaults> = {
  timeoutMs: 2_000,
  windowMs: 5 * 60_000,
  threshold: 5,
  resetMs: 30_000,
};

/** @internal @throws ERR_INVALID_ARG */
export function readManagerOptions(options: unknown): CheckedManagerOptions {
  const given = readOptions(options, MANAGER) as SignalManagerOptions;
  return {
    defaults: times(given, DEFAULTS),
    concurrency: requireCount('options.concurrency', given.concurrency ?? Infinity),
    ref: given.ref ?? false,
  };
}

/** @internal @throws ERR_INVALID_ARG */
export function readHandlerOptions(
  options: unknown,
  defaults: Required<HandlerDefaults>,
  ownName: string,
): CheckedOptions {
  const given = readOptions(options, HANDLER) as HandlerOptions;
  const { priority = 0 } = given;
  if (Number.isNaN(priority)) throw invalidArg('options.priority', priority, 'a number');
  return {
    ...times(given, defaults),
    priority,
    concurrency: requireCount('options.concurrency', given.concurrency ?? Infinity),
    name: given.name ?? (ownName || 'anonymous'),
    dedupe: keyOf(given.dedupe ?? true),
    fallback: given.fallback,
  };
}

function times(
  given: HandlerDefaults,
  defaults: Required<HandlerDefaults>,
): Required<HandlerDefaults> {
  const chosen = { ...defaults };
  for (const name of Object.keys(TIMES) as (keyof HandlerDefaults)[]) {
    const value = given[name];
    if (value === undefined) continue;
    const check = name === 'threshold' ? requireCount : requirePositiveMs;
    chosen[name] = check(`options.${name}`, value);
  }
  return chosen;
}

function keyOf(dedupe: unknown): DedupeKey | null {
  if (dedupe === false) return null;
  if (dedupe === true) return (event) => event.signal;
  if (typeof dedupe === 'function') return dedupe as DedupeKey;
  throw invalidArg('options.dedupe', dedupe, 'a boolean or a function of the event');
}
