import { placeOf, type HandlerPlace } from '../core/look/handler.js';
import { addon } from '../base/native/addon.js';

/** The columns of HandlerCall in native/engine/handler/trace.h. */
const SIGNO = 0;
const THREAD = 1;
const CAPTURED = 2;
const ENTERED = 3;
const LEFT = 4;
const PEER_BEGUN = 5;
const PEER_ENDED = 6;
const PREVIOUS_BEGUN = 7;
const PREVIOUS_ENDED = 8;
const PREVIOUS = 9;
const COLUMNS = 10;

/** As many as the native part keeps: Trace::kPlaces. */
export const MOST_CALLS = 1024;

/** One call of a handler below sigbridge's, in the signal handler itself. Times are ns after its entry. */
export interface ChainCall {
  /** Whose handler was called. */
  readonly owner: 'libuv' | 'native';
  /** Where its code lies. */
  readonly handler: HandlerPlace | null;
  /** When the call began, in ns since `enteredAt`. */
  readonly startedAfter: number;
  /** When the call had ended, in ns since `enteredAt`. */
  readonly endedAfter: number;
}

/** What sigbridge's handler did with one arrival. */
export interface HandlerCall {
  /** The thread that the kernel chose, as /proc has it. */
  readonly thread: number;
  /** When the kernel called it: ns of CLOCK_MONOTONIC. */
  readonly enteredAt: bigint;
  readonly leftAfter: number;
  /** In the order in which they were called. */
  readonly chain: readonly ChainCall[];
}

let rows: BigInt64Array | undefined;

/** The last calls, each found by what {@link callKey} makes of its event. */
export function handlerCalls(): Map<string, HandlerCall> {
  rows ??= new BigInt64Array(new ArrayBuffer(MOST_CALLS * COLUMNS * 8));
  const found = new Map<string, HandlerCall>();
  const count = addon.traced(rows, MOST_CALLS);
  for (let index = 0; index < count; index++) {
    const row = rows.subarray(index * COLUMNS, (index + 1) * COLUMNS);
    found.set(callKey(Number(row[SIGNO]), row[CAPTURED] ?? 0n), readCall(row));
  }
  return found;
}

export function callKey(number: number, timestamp: bigint): string {
  return `${number}@${timestamp}`;
}

function readCall(row: BigInt64Array): HandlerCall {
  const at = (column: number): bigint => row[column] ?? 0n;
  const enteredAt = at(ENTERED);
  const after = (column: number): number => Number(at(column) - enteredAt);
  const chain: ChainCall[] = [];
  if (at(PEER_BEGUN) !== 0n) {
    const [startedAfter, endedAfter] = [after(PEER_BEGUN), after(PEER_ENDED)];
    chain.push({ owner: 'libuv', handler: null, startedAfter, endedAfter });
  }
  if (at(PREVIOUS_BEGUN) !== 0n) {
    const [startedAfter, endedAfter] = [after(PREVIOUS_BEGUN), after(PREVIOUS_ENDED)];
    const handler = placeOf(BigInt.asUintN(64, at(PREVIOUS)));
    chain.push({ owner: 'native', handler, startedAfter, endedAfter });
  }
  chain.sort((a, b) => a.startedAfter - b.startedAfter);
  return { thread: Number(at(THREAD)), enteredAt, leftAfter: after(LEFT), chain };
}
