import type { RawRecord, RawStack, RawState } from './log.js';
import type { Progress } from './Progress.js';

/** The options with which strace(1) writes what {@link parseStrace} reads. */
export const STRACE_OPTIONS = [
  // The command is the child of who starts strace, as without it; strace is in another process group,
  // where no Ctrl+C reaches it, and ends by a SIGTERM.
  ...['-DD', '-I', '2'],
  '-f',
  // Numbers, which mean the same on every system; and where the call came from.
  ...['-X', 'raw', '-i', '-ttt', '-s', '256'],
  // Not --seccomp-bpf: whoever outlives strace would find these calls gone (ENOSYS).
  ...[
    '-e',
    'trace=rt_sigaction,rt_sigprocmask,sigaltstack,clone,clone3,?fork,?vfork,execve,?execveat',
  ],
  ...['-e', 'signal=none'],
];

const LINE = /^(\d+) +(\d+)\.(\d+) \[([0-9a-f?]+)\] (.*)$/;
const RESUMED = /^<\.\.\. \w+ resumed>(.*)$/;
const UNFINISHED = / ?<unfinished \.\.\.>$/;
const CALL = /^(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)/;
const ACTION =
  /\{sa_\w+=(0x[0-9a-f]+|\d+), sa_mask=(~?\[[^\]]*\]), sa_flags=(0x[0-9a-f]+|\d+)[^}]*\}/;
const STACK = /\{ss_sp=(NULL|0x[0-9a-f]+|\d+), ss_flags=(0x[0-9a-f]+|\d+), ss_size=(\d+)\}/;
// The C library's, in each action: nobody has asked for it.
const RESTORER = 0x04000000;
const CLONE_THREAD = 0x10000;
const ALL = (1n << 64n) - 1n;

/** How a thread came to be. */
interface Origin {
  tid: number;
  isThread: boolean;
  time: bigint;
}

interface Call {
  time: bigint;
  tid: number;
  caller: bigint;
  name: string;
  args: string;
  result: number;
}

/** Whether this line tells the end of a process. */
export function tellsEndOf(pid: number, line: string): boolean {
  return line.startsWith(`${pid} `) && / \+\+\+ (exited with|killed by) /.test(line);
}

/**
 * What strace wrote, as records. Of a start it cannot say what was ignored, and of a change not
 * always what stood before.
 */
export function parseStrace(lines: readonly string[], progress: Progress): RawRecord[] {
  const calls = [...callsOf(progress.through('Reading what strace saw', lines), wallOffset())];
  const origins = originsOf(calls);
  const pidOf = (tid: number): number => {
    const origin = origins.get(tid);
    return origin?.isThread === true ? pidOf(origin.tid) : tid;
  };
  const records: RawRecord[] = [];
  for (const call of progress.through('Sorting what strace saw', calls)) {
    const record = recordOf(call, pidOf(call.tid));
    if (record !== null) records.push(record);
  }
  for (const [tid, origin] of origins) {
    if (origin.isThread) continue;
    const head = { time: origin.time, pid: tid, tid, call: '', caller: 0n, script: 0 };
    records.push({ ...head, seenBy: ['strace'], kind: 'fork', parent: pidOf(origin.tid) });
  }
  return records;
}

// What strace's clock shows, minus ours: CLOCK_REALTIME minus CLOCK_MONOTONIC, in ns.
function wallOffset(): bigint {
  const wall = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
  return wall - process.hrtime.bigint();
}

// A call that another thread has come between is told in two parts.
function* callsOf(lines: Iterable<string>, offset: bigint): Generator<Call> {
  const begun = new Map<number, { time: bigint; text: string }>();
  for (const line of lines) {
    const [, pid = '', seconds = '', micros = '', ip = '', rest = ''] = LINE.exec(line) ?? [];
    if (pid === '') continue;
    const tid = Number(pid);
    let time = (BigInt(seconds) * 1_000_000n + BigInt(micros.padEnd(6, '0'))) * 1000n - offset;
    let text = rest;
    if (UNFINISHED.test(text)) {
      begun.set(tid, { time, text: text.replace(UNFINISHED, '') });
      continue;
    }
    const resumed = RESUMED.exec(text);
    if (resumed !== null) {
      const before = begun.get(tid);
      if (before === undefined) continue;
      time = before.time;
      text = before.text + (resumed[1] ?? '');
    }
    const [, name, args = '', result = ''] = CALL.exec(text) ?? [];
    if (name === undefined) continue;
    const caller = ip.startsWith('?') ? 0n : BigInt(`0x${ip}`);
    yield { time, tid, caller, name, args, result: Number(result) };
  }
}

function originsOf(calls: Call[]): Map<number, Origin> {
  const origins = new Map<number, Origin>();
  for (const { name, args, result, tid, time } of calls) {
    if (!/^(clone3?|v?fork)$/.test(name) || result <= 0) continue;
    const flags = Number(/flags=(0x[0-9a-f]+|\d+)/.exec(args)?.[1] ?? 0);
    origins.set(result, { tid, isThread: (flags & CLONE_THREAD) !== 0, time });
  }
  return origins;
}

function recordOf(call: Call, pid: number): RawRecord | null {
  const { time, tid, name, args, caller, result } = call;
  if (result !== 0) return null;
  const head = { time, pid, tid, call: name, caller, script: 0, seenBy: ['strace' as const] };
  switch (name) {
    case 'rt_sigaction': {
      const [, signal = '', given = '', before = ''] =
        /^(\d+), (NULL|\{.*?\}), (.*), \d+$/.exec(args) ?? [];
      const to = stateOf(given);
      const from = stateOf(before);
      if (to === null) return null;
      const saved = from === null ? null : 1;
      return { ...head, kind: 'action', signal: Number(signal), saved, from, to, reader: 0n };
    }
    case 'rt_sigprocmask': {
      const [, how, given = '', before = ''] =
        /^(0x\d|\d), (NULL|~?\[[^\]]*\]), (NULL|~?\[[^\]]*\]), \d+$/.exec(args) ?? [];
      const set = maskOf(given);
      const from = maskOf(before);
      const to = set === null ? null : maskAfter(Number(how), from, set);
      return to === null ? null : { ...head, kind: 'mask', from, to };
    }
    case 'sigaltstack': {
      const [, given = '', before = ''] = /^(NULL|\{.*?\}), (.*)$/.exec(args) ?? [];
      const to = stackOf(given);
      return to === null ? null : { ...head, kind: 'alternate stack', from: stackOf(before), to };
    }
    case 'execve':
    case 'execveat':
      return { ...head, ...startOf(args) };
    default:
      return null;
  }
}

function stateOf(text: string): RawState | null {
  const [, handler = '', mask = '', flags = ''] = ACTION.exec(text) ?? [];
  if (handler === '') return null;
  return { handler: BigInt(handler), mask: maskOf(mask) ?? 0n, flags: Number(flags) & ~RESTORER };
}

/** `[2 15]`, or `~[32 33]` for all but these. */
function maskOf(text: string): bigint | null {
  const [, not, list = ''] = /^(~?)\[([^\]]*)\]$/.exec(text) ?? [];
  if (not === undefined) return null;
  const numbers = list.split(' ').filter((word) => word !== '');
  const mask = numbers.reduce((set, number) => set | (1n << (BigInt(number) - 1n)), 0n);
  return not === '~' ? ALL & ~mask : mask;
}

const UNBLOCKABLE = (1n << 8n) | (1n << 18n);

// Where it is not known what was blocked before, only a whole set says what is blocked now.
function maskAfter(how: number, from: bigint | null, set: bigint): bigint | null {
  const allowed = set & ~UNBLOCKABLE;
  if (how === 2) return allowed;
  if (from === null) return null;
  return how === 0 ? from | allowed : from & ~set;
}

function stackOf(text: string): RawStack | null {
  const [, start, flags, size] = STACK.exec(text) ?? [];
  if (start === undefined) return null;
  return { start: start === 'NULL' ? 0n : BigInt(start), flags: Number(flags), size: Number(size) };
}

function startOf(
  args: string,
): Omit<RawRecord & { kind: 'start' }, keyof Call | 'pid' | 'call' | 'script' | 'seenBy'> {
  const [, executable = '', list = ''] = /"((?:[^"\\]|\\.)*)", \[(.*?)\]/.exec(args) ?? [];
  const words = [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) => unquoted(word));
  return {
    kind: 'start',
    ignored: null,
    blocked: null,
    parent: null,
    executable: unquoted(executable),
    command: words,
  };
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => ({ n: '\n', t: '\t' })[letter] ?? letter);
}
