import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Progress } from './Progress.js';

// native/preload/log.h has the layout, and what it all means.
const MAGIC = 'sigtrace';
const PAGE = 4096;
const SLOT = 32;
const MARK = 0x1c0ffee5;
const CHUNK = 4 << 20;
const USED = 8;
const DROPPED = 16;
const CLOSED = 24;
const HEAD = 32;
/** The file's size; it takes room on the disk only as it fills. */
const SIZE = PAGE + 4096 * CHUNK + (64 << 10);

const CALLS = [
  ...['', 'sigaction', 'signal', 'bsd_signal', 'sysv_signal', 'sigset', 'sigignore'],
  ...['siginterrupt', 'sigprocmask', 'pthread_sigmask', 'sigaltstack', 'sighold', 'sigrelse'],
];

export interface RawState {
  handler: bigint;
  mask: bigint;
  flags: number;
}

export interface RawStack {
  start: bigint;
  size: number;
  flags: number;
}

interface RawHead {
  /** ns, CLOCK_MONOTONIC. */
  time: bigint;
  pid: number;
  tid: number;
  call: string;
  caller: bigint;
  /** Byte offset of a script record; 0 for none. */
  script: number;
  seenBy: ('preload' | 'strace')[];
}

export type RawRecord = RawHead &
  (
    | {
        kind: 'action';
        signal: number;
        /** 0 nothing, 1 the whole action, 2 the handler; `null`: not seen. */
        saved: number | null;
        from: RawState | null;
        to: RawState;
        reader: bigint;
      }
    | { kind: 'mask'; from: bigint | null; to: bigint }
    | { kind: 'alternate stack'; from: RawStack | null; to: RawStack }
    | {
        kind: 'start';
        ignored: bigint | null;
        blocked: bigint | null;
        parent: number | null;
        executable: string;
        command: string[];
      }
    | { kind: 'fork'; parent: number }
    | { kind: 'mapping'; from: bigint; to: bigint; offset: bigint; path: string }
    | { kind: 'script'; offset: number; text: string }
  );

/** Those of them that the user is told. */
export type RawChange = Extract<RawRecord, { kind: 'action' | 'mask' | 'alternate stack' }>;

export interface Log {
  records: RawRecord[];
  dropped: number;
}

/** Makes an empty log that processes of any user may add to, if they know its name. */
export function createLog(path: string): void {
  const file = openSync(path, 'wx', 0o666);
  try {
    writeSync(file, MAGIC);
    ftruncateSync(file, SIZE);
  } finally {
    closeSync(file);
  }
}

/** Tells those who still run that nobody reads what they add. */
export function closeLog(path: string): void {
  const file = openSync(path, 'r+');
  try {
    writeSync(file, Uint8Array.of(1), 0, 1, CLOSED);
  } finally {
    closeSync(file);
  }
}

/** What is in the log, in the order in which it was added. */
export function readLog(path: string, progress: Progress): Log {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(PAGE);
    readSync(file, header, 0, PAGE, 0);
    const end = Math.min(PAGE + Number(header.readBigUInt64LE(USED)) * SLOT, SIZE);
    return {
      records: [...recordsOf(file, end, progress)],
      dropped: Number(header.readBigUInt64LE(DROPPED)),
    };
  } finally {
    closeSync(file);
  }
}

function* recordsOf(file: number, end: number, progress: Progress): Generator<RawRecord> {
  // Records are at most a few pages long, so what a piece ends in is read again with the next one.
  const piece = Buffer.alloc(CHUNK);
  for (let start = PAGE; start < end;) {
    const length = readSync(file, piece, 0, Math.min(CHUNK, end - start), start);
    if (length === 0) return;
    progress.at('Reading the record', (start - PAGE) / (end - PAGE));
    let at = 0;
    while (at + SLOT <= length) {
      // Whoever was to write it has died on the way: the next slot may be another's.
      const slots = piece.readUInt32LE(at) === MARK ? piece.readUInt16LE(at + 4) : 1;
      if (at + slots * SLOT > length) break;
      const record = piece.readUInt32LE(at) === MARK ? decode(piece, at, start + at) : null;
      if (record !== null) yield record;
      at += slots * SLOT;
    }
    if (at === 0) return;
    start += at;
  }
}

function decode(piece: Buffer, at: number, offset: number): RawRecord | null {
  // Spread last, below: with more behind it, that takes ten times as long.
  const head = {
    call: CALLS[piece.readUInt8(at + 7)] ?? '',
    time: piece.readBigUInt64LE(at + 8),
    pid: piece.readUInt32LE(at + 16),
    tid: piece.readUInt32LE(at + 20),
    caller: piece.readBigUInt64LE(at + 24),
    seenBy: ['preload'] as RawHead['seenBy'],
  };
  const body = piece.subarray(at + HEAD);
  const u32 = (from: number): number => body.readUInt32LE(from);
  const u64 = (from: number): bigint => body.readBigUInt64LE(from);
  switch (piece.readUInt8(at + 6)) {
    case 1:
      return {
        kind: 'action',
        signal: u32(0),
        saved: u32(4),
        from: { handler: u64(8), mask: u64(16), flags: u32(40) },
        to: { handler: u64(24), mask: u64(32), flags: u32(44) },
        reader: u64(48),
        script: Number(u64(56)),
        ...head,
      };
    case 2:
      return { kind: 'mask', from: u64(0), to: u64(8), script: Number(u64(16)), ...head };
    case 3:
      return {
        kind: 'alternate stack',
        from: { start: u64(0), size: Number(u64(8)), flags: u32(32) },
        to: { start: u64(16), size: Number(u64(24)), flags: u32(36) },
        script: Number(u64(40)),
        ...head,
      };
    case 4: {
      const path = 32 + body.readUInt16LE(28);
      const command = body.toString('utf8', path, path + body.readUInt16LE(30));
      return {
        script: 0,
        kind: 'start',
        ignored: u64(8),
        blocked: u64(16),
        parent: u32(24),
        executable: body.toString('utf8', 32, path),
        command: command.replace(/\0$/, '').split('\0'),
        ...head,
      };
    }
    case 5:
      return { script: 0, kind: 'fork', parent: u32(0), ...head };
    case 6:
      return {
        script: 0,
        kind: 'mapping',
        from: u64(0),
        to: u64(8),
        offset: u64(16),
        path: body.toString('utf8', 32, 32 + u32(24)),
        ...head,
      };
    case 7:
      return {
        script: 0,
        kind: 'script',
        offset,
        text: body.toString('utf8', 8, 8 + u32(0)),
        ...head,
      };
    default:
      return null;
  }
}
