import { addon, isSupported } from '../base/native/addon.js';
import { check } from '../base/native/check.js';
import { usesLibuv } from '../base/native/load.js';

/** @internal What the process may take beyond `totalMs` before it is ended from outside JavaScript. */
export const GRACE_MS = 1_000;
/** For the runtime's own end: it waits for its thread pool, and a thread may be stuck in a system call. */
const RUNTIME_MS = 500;
const STDERR = 2;

/** @internal A native thread ends the process when it has not ended by itself, whatever JavaScript does. */
export class Deadline {
  readonly #running = new Set<string>();

  /**
   * From now on, and for good.
   * @param signal what the process then ends by; 0: with exit code 1
   * @throws where the system has no thread to give
   */
  start(totalMs: number, signal: number): void {
    if (!isSupported()) return;
    const errno = addon.startDeadline(totalMs + GRACE_MS, signal, 1, STDERR, usesLibuv);
    check(errno, 'pthread_create');
  }

  /** Which parts run, for its report. */
  begin(part: string): void {
    this.#running.add(part);
    this.#say();
  }

  end(part: string): void {
    this.#running.delete(part);
    this.#say();
  }

  #say(): void {
    if (!isSupported()) return;
    const parts = [...this.#running].join(', ');
    addon.deadlineSays(parts === '' ? '' : `running: ${parts}`);
  }
}

/** @internal Nothing is left but the runtime's own end, by the signal, or where that is 0 with the code. */
export function hasten(signal: number, code: number): void {
  if (!isSupported()) return;
  // What these write is written then, and may be large.
  const profiles = /--(cpu|heap)-prof\b/.test(
    [...process.execArgv, process.env['NODE_OPTIONS']].join(' '),
  );
  if (profiles || process.env['NODE_V8_COVERAGE'] !== undefined) return;
  addon.hastenDeadline(RUNTIME_MS, signal, code);
}
