import type { RawChange, RawRecord } from './log.js';
import { elfOf } from './places.js';
import type { Progress } from './Progress.js';

/** The system call comes first, but not every clock is read at the same instant: ns. */
const SKEW = 1_000_000n;

/**
 * What the preload library and strace saw, each thing once. A call of the C library is also one of the
 * system; what only strace saw was made without the C library, or within it.
 */
export function merge(preload: RawRecord[], strace: RawRecord[], progress: Progress): RawRecord[] {
  if (strace.length === 0) return preload;
  const twice = new Set<RawRecord>();
  const seenTwice = new Set<RawRecord>();
  const callsOf = byThread(strace);
  for (const [tid, changes] of byThread(preload)) {
    const calls = callsOf.get(tid) ?? [];
    match(progress.through(`Comparing what thread ${tid} did`, changes), calls, (change, call) => {
      seenTwice.add(change);
      twice.add(call);
    });
  }
  const both = preload.map((record) =>
    seenTwice.has(record) ? { ...record, seenBy: ['preload' as const, 'strace' as const] } : record,
  );
  const rest = strace.filter((record) => !twice.has(record) && !isWatched(record, preload, strace));
  return [...both, ...rest, ...rest.flatMap(mappingsOf)];
}

function byThread(records: RawRecord[]): Map<number, RawChange[]> {
  const threads = new Map<number, RawChange[]>();
  for (const record of records) {
    if (!isChange(record)) continue;
    const list = threads.get(record.tid);
    if (list === undefined) threads.set(record.tid, [record]);
    else list.push(record);
  }
  return threads;
}

function isChange(record: RawRecord): record is RawChange {
  return ['action', 'mask', 'alternate stack'].includes(record.kind);
}

// Both are in order, so each call is to be found behind the one before.
function match(
  changes: Iterable<RawChange>,
  calls: RawChange[],
  found: (change: RawChange, call: RawChange) => void,
): void {
  let next = 0;
  for (const change of changes) {
    for (let at = next; at < calls.length; at++) {
      const call = calls[at];
      if (call === undefined || call.time > change.time + SKEW) break;
      if (keyOf(call) !== keyOf(change)) continue;
      found(change, call);
      next = at + 1;
      break;
    }
  }
}

function keyOf(change: RawChange): string {
  switch (change.kind) {
    case 'action':
      return `action ${change.signal} ${change.to.handler}`;
    case 'mask':
      return `mask ${change.to}`;
    case 'alternate stack':
      return `stack ${change.to.start} ${change.to.size}`;
  }
}

// A program that the library was loaded into tells its start itself, a moment later.
function isWatched(record: RawRecord, preload: RawRecord[], strace: RawRecord[]): boolean {
  if (record.kind !== 'start') return false;
  const { pid, time } = record;
  const isStart = (other: RawRecord): boolean => other.kind === 'start' && other.pid === pid;
  const next = strace.find((other) => isStart(other) && other.time > time)?.time;
  return preload.some(
    (other) =>
      isStart(other) && other.time > time - SKEW && (next === undefined || other.time < next),
  );
}

// A program that is loaded where its file says needs nobody to tell where that is.
function mappingsOf(record: RawRecord): RawRecord[] {
  if (record.kind !== 'start') return [];
  const elf = elfOf(record.executable);
  if (elf?.fixed !== true) return [];
  return elf.loaded.map(({ address, offset, size }) => ({
    ...record,
    kind: 'mapping',
    from: BigInt(address),
    to: BigInt(address + size),
    offset: BigInt(offset),
    path: record.executable,
  }));
}
