import { addon } from '../base/native/addon.js';
import type { Taker } from '../core/events/book.js';
import { isChannel } from './backlog.js';
import { addReader, removeReader, siteOf, type Reader } from './books.js';
import { siteText } from './callSite.js';

/** As native/dump/ledger.h has them. */
const ROW_BYTES = 512;
const ROW_WORDS = ROW_BYTES / 4;
const LENGTH = 0;
const WAITING = 1;
const CAPACITY = 2;
const DROPPED = 3;
const HEAD_BYTES = 16;

const FIRST_ROWS = 64;

// The native part may read any of them at any time.
const memories: ArrayBuffer[] = [];

/** The subscriptions as text in memory that the native part can read while JavaScript is stuck. */
export class Ledger implements Reader {
  #memory = new ArrayBuffer(FIRST_ROWS * ROW_BYTES);
  #words = new Int32Array(this.#memory);
  readonly #rows = new Map<Taker, number>();
  readonly #free: number[] = [];
  #used = 0;

  /** @throws ERR_UNSUPPORTED in a worker */
  constructor() {
    this.#publish();
  }

  /** From now on it is kept up to date. */
  open(): void {
    addReader(this);
  }

  close(): void {
    removeReader(this);
    for (const taker of [...this.#rows.keys()]) this.closed(taker);
  }

  opened(taker: Taker): void {
    if (this.#rows.has(taker)) return;
    const row = this.#free.pop() ?? this.#used++;
    if ((row + 1) * ROW_BYTES > this.#memory.byteLength) this.#grow();
    this.#rows.set(taker, row);
    this.#write(taker, row);
  }

  changed(taker: Taker): void {
    const row = this.#rows.get(taker);
    if (row !== undefined && isChannel(taker)) this.#writeBacklog(taker, row);
  }

  closed(taker: Taker): void {
    const row = this.#rows.get(taker);
    if (row === undefined) return;
    this.#rows.delete(taker);
    this.#free.push(row);
    this.#store(row, LENGTH, 0);
  }

  #write(taker: Taker, row: number): void {
    const room = Buffer.from(this.#memory, row * ROW_BYTES + HEAD_BYTES, ROW_BYTES - HEAD_BYTES);
    const length = room.write(lineOf(taker));
    this.#store(row, CAPACITY, 0);
    if (isChannel(taker)) this.#writeBacklog(taker, row);
    // Last: from now on it is read.
    this.#store(row, LENGTH, length);
  }

  #writeBacklog(
    { capacity, backlog, dropped }: { capacity: number; backlog: number; dropped: number },
    row: number,
  ): void {
    this.#store(row, WAITING, backlog);
    this.#store(row, DROPPED, dropped);
    this.#store(row, CAPACITY, Math.min(capacity, 0x7fffffff));
  }

  #store(row: number, field: number, value: number): void {
    Atomics.store(this.#words, row * ROW_WORDS + field, value);
  }

  #grow(): void {
    const larger = new ArrayBuffer(this.#memory.byteLength * 2);
    new Uint8Array(larger).set(new Uint8Array(this.#memory));
    this.#memory = larger;
    this.#words = new Int32Array(larger);
    this.#publish();
  }

  #publish(): void {
    memories.push(this.#memory);
    addon.setLedger(this.#words, this.#memory.byteLength / ROW_BYTES);
  }
}

/** Without a channel's backlog, which changes. */
export function lineOf(taker: Taker): string {
  return `${taker.kind} of ${taker.signals.join(' ')} at ${siteText(siteOf(taker))}`;
}
