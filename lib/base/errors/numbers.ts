import { invalidArg } from './SignalError.js';

/** The longest time that a timer takes; beyond it, it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** A time for a timer, 0 allowed. @throws ERR_INVALID_ARG */
export function requireMs(name: string, value: number): number {
  if (!(value >= 0 && value <= LONGEST_MS)) {
    throw invalidArg(name, value, `milliseconds from 0 to ${LONGEST_MS}`);
  }
  return value;
}

/** @throws ERR_INVALID_ARG */
export function requirePositiveMs(name: string, value: number): number {
  if (!(value >= 1 && value <= LONGEST_MS)) {
    throw invalidArg(name, value, `milliseconds from 1 to ${LONGEST_MS}`);
  }
  return value;
}

/** @throws ERR_INVALID_ARG */
export function requireCount(name: string, value: number): number {
  if (value !== Infinity && !(Number.isSafeInteger(value) && value >= 1)) {
    throw invalidArg(name, value, 'a positive integer or Infinity');
  }
  return value;
}
