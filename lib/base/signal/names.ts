import { invalidArg, reservedSignal, unknownSignal } from '../errors/SignalError.js';
import { suggest } from './suggest.js';
import { signalNumbers } from './numbers.js';
import { realtime } from './realtime.js';

/**
 * A signal by its name. Given back are the standard names, and `'SIGRTMIN'`, `'SIGRTMIN+1'` …
 * `'SIGRTMAX'`; accepted are also `'SIGRTMAX-1'` … and the old names `'SIGIOT'`, `'SIGPOLL'` and
 * (Linux) `'SIGCLD'`. Any string passes the compiler; one that names no signal throws.
 */
export type SignalName =
  | NodeJS.Signals
  | 'SIGRTMIN'
  | 'SIGRTMAX'
  | `SIGRTMIN+${number}`
  | `SIGRTMAX-${number}`
  // Keeps the completion of the names above, which plain `string` would swallow.
  | (string & Record<never, never>);

const STANDARD = 31;

/** Second names of signals; never given back. */
const ALIASES = new Set(['SIGIOT', 'SIGPOLL', 'SIGCLD', 'SIGUNUSED']);

interface Table {
  /** By number. */
  readonly names: string[];
  /** Names and numbers alike, so that one look-up answers for a good argument of either kind. */
  readonly numbers: Map<unknown, number>;
  readonly reserved: Map<unknown, number>;
  readonly all: readonly number[];
  readonly allReserved: readonly number[];
}

let filled: Table | undefined;

// At the first use: loading the package should cost little.
function table(): Table {
  return (filled ??= fill());
}

/**
 * The number of a signal, checked.
 * @throws ERR_UNKNOWN_SIGNAL for a string or number that is no signal
 * @throws ERR_RESERVED_SIGNAL for those between 31 and `SIGRTMIN`: the C library's own (nptl(7))
 * @throws ERR_INVALID_ARG for any other type
 */
export function toNumber(signal: SignalName | number): number {
  const number = table().numbers.get(signal);
  if (number === undefined) throw explain(signal);
  return number;
}

/**
 * The name of a signal number; `'SIG32'` and the like for those that the C library keeps.
 * @throws ERR_UNKNOWN_SIGNAL
 */
export function toName(number: number): string {
  const name = table().names[number];
  if (name === undefined) throw unknownSignal(number, expectation());
  return name;
}

/**
 * The numbers of one signal or of a list, each once, in the order given.
 * @throws as {@link toNumber}, and ERR_INVALID_ARG for an empty list
 */
export function toNumbers(
  signals: SignalName | number | readonly (SignalName | number)[],
): number[] {
  const number = table().numbers.get(signals);
  if (number !== undefined) return [number];
  const list = elements(signals);
  if (list === null) throw explain(signals);
  if (list.length === 0) throw invalidArg('signals', signals, 'at least one signal');
  return [...new Set(list.map((signal) => toNumber(signal as SignalName)))];
}

/** As {@link toNumbers}, where an empty list is as good as any. */
export function toNumbersOrNone(
  signals: SignalName | number | readonly (SignalName | number)[],
): number[] {
  return elements(signals)?.length === 0 ? [] : toNumbers(signals);
}

/** Every signal that programs may use: 1 to 31, then `SIGRTMIN` to `SIGRTMAX`. */
export function allSignals(): readonly number[] {
  return table().all;
}

/** The signals between 31 and `SIGRTMIN`, which the C library keeps for its threads. */
export function reservedSignals(): readonly number[] {
  return table().allReserved;
}

/**
 * The names in a set of signals as the kernel writes it: bit n - 1 stands for signal n. Nothing is
 * hidden: the C library's own signals appear as `'SIG32'`, `'SIG33'`.
 */
export function namesOf(mask: bigint): string[] {
  const found: string[] = [];
  const { names } = table();
  for (let number = 1, rest = mask; rest > 0n; number++, rest >>= 1n) {
    if (rest & 1n) found.push(names[number] ?? `SIG${number}`);
  }
  return found;
}

function fill(): Table {
  const { min, max } = realtime();
  const made: Table = {
    names: [],
    numbers: new Map(),
    reserved: new Map(),
    all: Object.freeze([...sequence(1, STANDARD), ...(max > 0 ? sequence(min, max) : [])]),
    allReserved: Object.freeze(sequence(STANDARD + 1, min - 1)),
  };
  fillStandard(made);
  fillReserved(made);
  if (max > 0) fillRealtime(made, min, max);
  return made;
}

function fillStandard({ names, numbers }: Table): void {
  const known = signalNumbers();
  // The system has them, and `os.constants` lacks them.
  const missing = process.platform === 'darwin' ? { SIGEMT: 7 } : { SIGCLD: known['SIGCHLD'] ?? 0 };
  for (const [name, number] of Object.entries({ ...known, ...missing })) {
    numbers.set(name, number);
    if (!ALIASES.has(name)) names[number] = name;
  }
  for (const number of sequence(1, STANDARD)) {
    const name = (names[number] ??= `SIG${number}`);
    numbers.set(number, number).set(name, number);
  }
}

function fillReserved({ names, reserved, allReserved }: Table): void {
  for (const number of allReserved) {
    const name = (names[number] = `SIG${number}`);
    reserved.set(number, number).set(name, number);
  }
}

function fillRealtime({ names, numbers }: Table, min: number, max: number): void {
  for (const number of sequence(min, max)) {
    const name = `SIGRTMIN+${number - min}`;
    names[number] = name;
    numbers
      .set(number, number)
      .set(name, number)
      .set(`SIGRTMAX-${max - number}`, number);
  }
  names[min] = 'SIGRTMIN';
  names[max] = 'SIGRTMAX';
  numbers.set('SIGRTMIN', min).set('SIGRTMAX', max);
}

/** Why `value` is no signal that may be used. */
function explain(value: unknown): Error {
  const { numbers, reserved } = table();
  const kept = reserved.get(value);
  if (kept !== undefined) return reservedSignal(toName(kept), "'SIGRTMIN' to 'SIGRTMAX'");
  if (typeof value === 'string')
    return unknownSignal(value, expectation(), suggest(value, numbers));
  if (typeof value === 'number') return unknownSignal(value, expectation());
  return invalidArg('signal', value, expectation());
}

function expectation(): string {
  const { min, max } = realtime();
  if (max === 0) return `a signal name such as 'SIGTERM', or a number from 1 to ${STANDARD}`;
  const last = max - min;
  return (
    `a signal name such as 'SIGTERM' or 'SIGRTMIN+3' (at most +${last}), ` +
    `or a number from 1 to ${max}`
  );
}

/** A copy of an array, or `null` for anything else, a proxy that throws included. */
export function elements(value: unknown): unknown[] | null {
  try {
    return Array.isArray(value) ? Array.from(value as unknown[]) : null;
  } catch {
    return null;
  }
}

function sequence(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
