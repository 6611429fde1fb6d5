import { closeSync, openSync } from 'node:fs';
import { readOptions } from '../base/errors/options.js';
import { addon } from '../base/native/addon.js';
import { check, requireMainThread } from '../base/native/check.js';
import { listenable, on } from '../core/receive/on.js';
import type { Subscription } from '../core/receive/Subscription.js';
import { toName, type SignalName } from '../base/signal/names.js';
import { Ledger } from './Ledger.js';

/** Which signal asks, and where the dump goes. */
export interface DumpOnOptions {
  /** Where dumps are appended; standard error by default. */
  file?: string;
}

/** A dump that a signal asks for, see {@link dumpOn}. */
export interface DumpOn extends Disposable {
  /** The signals that write a dump. */
  readonly signals: readonly string[];
  /** Whether none is written any more. */
  readonly closed: boolean;
  /** Stops listening; a dump under way is finished. */
  close(): void;
}

const STDERR = 2;

/**
 * Writes a dump whenever one of the signals comes (`SIGQUIT`, which is Ctrl+\ on a terminal), also
 * while the event loop is blocked: a native thread writes it, which waits for nobody, takes no lock and
 * allocates nothing. The signals count as listened to, so their default action does not happen. From
 * the main thread, whose subscriptions are shown.
 * Sources: as dump, and signal-safety(7).
 * @throws as `on`; ERR_UNSUPPORTED in a worker
 */
export function dumpOn(
  signals: SignalName | number | readonly (SignalName | number)[],
  options?: DumpOnOptions,
): DumpOn {
  requireMainThread('dumpOn()');
  const numbers = listenable(signals);
  const { file } = readOptions(options, { file: 'string' }) as DumpOnOptions;
  ledger ??= new Ledger();
  return new Dumping(numbers, file === undefined ? STDERR : openSync(file, 'a'));
}

// One for the process, whose memory stays; it is kept as long as anybody dumps.
let ledger: Ledger | null = null;
let users = 0;

class Dumping implements DumpOn {
  readonly #subscription: Subscription;
  readonly #dumpers: number[] = [];
  readonly #fd: number;
  #closed = false;

  constructor(numbers: readonly number[], fd: number) {
    this.#fd = fd;
    if (users++ === 0) ledger?.open();
    try {
      this.#subscription = on(numbers, () => undefined);
    } catch (error) {
      this.#end();
      throw error;
    }
    try {
      for (const number of numbers) this.#dumpers.push(dumperFor(number, fd));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get signals(): readonly string[] {
    return this.#subscription.signals;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const dumper of this.#dumpers) addon.stopDumper(dumper);
    this.#subscription.close();
    this.#end();
  }

  #end(): void {
    if (this.#fd !== STDERR) closeSync(this.#fd);
    if (--users === 0) ledger?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function dumperFor(number: number, fd: number): number {
  const dumper = addon.startDumper(number, fd);
  if (dumper < 0) check(dumper, 'dumpOn', { signal: toName(number) });
  return dumper;
}
