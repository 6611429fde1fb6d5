import { readFileSync } from 'node:fs';
import { addon } from '../../base/native/addon.js';
import { toName } from '../../base/signal/names.js';

/** The columns of native/binding/event_fields.h. */
const SIGNO = 0;
const CODE = 1;
const PID = 2;
const UID = 3;
const VALUE = 4;
const STATUS = 5;
const COALESCED = 6;
const HAS = 7;
const TIMESTAMP = 8;
export const EVENT_FIELDS = 10;

const HAS_SENDER = 1;
const HAS_VALUE = 2;
const HAS_STATUS = 4;

/** In the column of the code, where it is not known. */
const UNKNOWN = -(2 ** 31);

let names: { readonly codes: Names; readonly childCodes: Names } | undefined;

// One BigInt from two columns: to shift and join them would make three more.
const timestamp = new BigInt64Array(1);
const timestampHalves = new Int32Array(timestamp.buffer);

/** One arrival of a signal, as the kernel described it: sigaction(2), "The siginfo_t argument". */
export class SignalEvent {
  // Declared, and made by the constructor alone: as fields each would be made twice for every event.
  /** The signal's name. */
  declare readonly signal: string;
  /** The signal's number on this system. */
  declare readonly number: number;
  /**
   * How it came about: `'SI_USER'` (kill), `'SI_QUEUE'`, `'SI_KERNEL'`, `'CLD_EXITED'`, …; `null`, as all
   * that is not known, for an event of `process.on`, where there is no native part.
   */
  declare readonly code: string | null;
  /** The sender (for `SIGCHLD`: the child), where the kernel names one. */
  declare readonly pid: number | null;
  /** The sender's real user. */
  declare readonly uid: number | null;
  /** The 32-bit value that was queued with it. */
  declare readonly value: number | null;
  /** `SIGCHLD` only: the exit code, or the number of the signal that ended or stopped the child. */
  declare readonly status: number | null;
  /** When the handler ran: ns of CLOCK_MONOTONIC, comparable with `process.hrtime.bigint()`. */
  declare readonly timestamp: bigint;
  /** Further arrivals folded into this event, because there was no room to keep each. */
  declare readonly coalesced: number;

  /** @internal From a row of the native part. */
  constructor(row: Int32Array, at: number) {
    const has = row[at + HAS] ?? 0;
    const isSent = (has & HAS_SENDER) !== 0;
    const number = row[at + SIGNO] ?? 0;
    this.signal = toName(number);
    this.number = number;
    this.code = codeName(number, row[at + CODE] ?? 0);
    this.pid = isSent ? (row[at + PID] ?? 0) : null;
    this.uid = isSent ? (row[at + UID] ?? 0) >>> 0 : null;
    this.value = has & HAS_VALUE ? (row[at + VALUE] ?? 0) : null;
    this.status = has & HAS_STATUS ? (row[at + STATUS] ?? 0) : null;
    timestampHalves[0] = row[at + TIMESTAMP] ?? 0;
    timestampHalves[1] = row[at + TIMESTAMP + 1] ?? 0;
    this.timestamp = timestamp[0] ?? 0n;
    this.coalesced = (row[at + COALESCED] ?? 0) >>> 0;
  }

  /**
   * The command line of the process that sent it, from /proc, while that process lives; else `null`.
   * A pid may have been given to another process meanwhile: ask soon.
   */
  sender(): string | null {
    if (this.pid === null || this.pid === 0) return null;
    try {
      const command = readFileSync(`/proc/${this.pid}/cmdline`, 'utf8');
      return command.replaceAll('\0', ' ').trim() || null;
    } catch {
      return null;
    }
  }
}

/** @internal What `process.on` tells of an arrival: neither who sent it nor how. */
export function plainEvent(number: number): SignalEvent {
  const row = new Int32Array(EVENT_FIELDS);
  row[SIGNO] = number;
  row[CODE] = UNKNOWN;
  timestamp[0] = process.hrtime.bigint();
  row.set(timestampHalves, TIMESTAMP);
  return new SignalEvent(row, 0);
}

function codeName(number: number, code: number): string | null {
  if (code === UNKNOWN) return null;
  const { codes, childCodes } = (names ??= readNames());
  const name = code > 0 && toName(number) === 'SIGCHLD' ? childCodes.get(code) : undefined;
  return name ?? codes.get(code) ?? String(code);
}

function readNames(): NonNullable<typeof names> {
  const { codes, childCodes } = addon.constants;
  return { codes: namesByNumber(codes), childCodes: namesByNumber(childCodes) };
}

type Names = ReadonlyMap<number, string>;

function namesByNumber(constants: Readonly<Record<string, number>>): Names {
  return new Map(Object.entries(constants).map(([name, number]) => [number, name]));
}
