import { closeSync, openSync } from 'node:fs';
import { check, requireMainThread } from '../../base/native/check.js';
import { addon } from '../../base/native/addon.js';
import { invalidArg } from '../../base/errors/SignalError.js';
import { readOptions } from '../../base/errors/options.js';
import { startReceiving, stopReceiving } from '../receive/listeners.js';
import { listenable } from '../receive/on.js';
import { toName, type SignalName } from '../../base/signal/names.js';

/** How long a signal may stay untaken, and what happens then. */
export interface WatchdogOptions {
  /** `SIGINT` and `SIGTERM` by default. */
  signals?: SignalName | number | readonly (SignalName | number)[];
  /** Milliseconds that the event loop may take to turn after a signal; 5,000 by default. */
  afterMs?: number;
  /**
   * What to do when it does not: write a report (`'report'`, the default), then also end the process by
   * that signal (`'exit'`), or with a core dump (`'abort'`).
   */
  then?: 'report' | 'exit' | 'abort';
  /** A second signal, while the first has not been taken, ends the process by it at once. */
  secondSignal?: 'exit';
  /** Where reports are appended; standard error by default. */
  file?: string;
}

/** A watchdog at work, see {@link watchdog}. */
export interface Watchdog extends Disposable {
  /** The signals that it watches. */
  readonly signals: readonly string[];
  /** How many reports it has written. */
  readonly reports: number;
  /** Whether it watches no more. */
  readonly closed: boolean;
  /** Stops watching; the watching thread ends with the last watchdog. */
  close(): void;
}

const THEN = ['report', 'exit', 'abort'] as const;
const DEFAULT_SIGNALS = ['SIGINT', 'SIGTERM'];
const DEFAULT_AFTER_MS = 5_000;
const LONGEST_MS = 2 ** 31 - 1;
const STDERR = 2;

const OPTIONS = {
  signals: 'signals',
  afterMs: 'number',
  then: THEN,
  secondSignal: ['exit'],
  file: 'string',
} as const;

/**
 * Guards the main thread: when one of the signals has come and the event loop has not turned within
 * `afterMs` (it is in an endless loop, in `Atomics.wait`, or stuck in native code), a native thread
 * writes a report: the signal and its sender, how long, what the main thread does by /proc, its
 * JavaScript stack where V8 can show it, and its native stack. The thread exists from the first call
 * on. A watchdog does not count as a listener: a signal that nobody listens to does what it would do
 * without it. From the main thread.
 * Sources: sigaction(2), proc(5).
 * @throws as `on`; ERR_UNSUPPORTED in a worker
 */
export function watchdog(options?: WatchdogOptions): Watchdog {
  requireMainThread('watchdog()');
  const given = readOptions(options, OPTIONS) as WatchdogOptions;
  const { signals = DEFAULT_SIGNALS, afterMs = DEFAULT_AFTER_MS, then = 'report' } = given;
  const numbers = listenable(signals);
  if (!(afterMs >= 1 && afterMs <= LONGEST_MS)) {
    throw invalidArg('options.afterMs', afterMs, 'a number of milliseconds, 1 or more');
  }
  const fd = given.file === undefined ? STDERR : openSync(given.file, 'a');
  try {
    return new Guard(numbers, Math.round(afterMs), then, given.secondSignal === 'exit', fd);
  } catch (error) {
    if (fd !== STDERR) closeSync(fd);
    throw error;
  }
}

class Guard implements Watchdog {
  readonly #numbers: readonly number[];
  readonly #number: number;
  readonly #fd: number;
  #reports: number | null = null;

  constructor(
    numbers: readonly number[],
    afterMs: number,
    then: (typeof THEN)[number],
    secondExits: boolean,
    fd: number,
  ) {
    startReceiving();
    const signals = new Int32Array(new ArrayBuffer(numbers.length * 4));
    signals.set(numbers);
    const order = THEN.indexOf(then);
    const result = addon.startWatchdog(signals, numbers.length, afterMs, order, secondExits, fd);
    if (result < 0) {
      stopReceiving();
      check(result, 'watchdog');
    }
    this.#numbers = numbers;
    this.#number = result;
    this.#fd = fd;
  }

  get signals(): readonly string[] {
    return this.#numbers.map(toName);
  }

  get reports(): number {
    return this.#reports ?? addon.watchdogReports(this.#number);
  }

  get closed(): boolean {
    return this.#reports !== null;
  }

  close(): void {
    if (this.closed) return;
    this.#reports = this.reports;
    addon.stopWatchdog(this.#number);
    stopReceiving();
    if (this.#fd !== STDERR) closeSync(this.#fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
