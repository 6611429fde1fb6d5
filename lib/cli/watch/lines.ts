// What the kernel's record says, from its text: trace_pipe, one event a line.
//
// Names of processes stand in it as they are, a newline included, and anybody chooses them. They have at
// most 15 bytes, which is too short to look like a line of the record; a line that is broken by one is put
// together again. Events with longer texts (a path) are therefore not asked for.

/** @internal Times are in microseconds of CLOCK_MONOTONIC; `tid` is the thread that was running. */
export type Entry =
  | {
      kind: 'generate';
      time: number;
      tid: number;
      signal: number;
      code: number;
      target: number;
      /** For the whole process, not for one thread. */
      group: boolean;
      result: number;
    }
  | { kind: 'deliver'; time: number; tid: number; signal: number; handler: bigint }
  | { kind: 'victim'; pid: number }
  | { kind: 'task'; time: number; tid: number; child: number; name: string; flags: number }
  | { kind: 'name'; tid: number; name: string }
  | { kind: 'mark'; text: string }
  | { kind: 'exit'; time: number; tid: number; last: boolean }
  | { kind: 'lost'; count: number };

const HEAD = /-(\d+) +(?:\([ \d-]+\) )?\[\d+\] \S+ +(\d+)\.(\d{6}): (\w+): ([\s\S]*)$/;
const LOST = /^CPU:\d+ \[LOST (?:(\d+) )?EVENTS\]$/;

type Reader = (head: { time: number; tid: number }, fields: readonly string[]) => Entry;

const EVENTS: Record<string, [pattern: RegExp, read: Reader]> = {
  signal_generate: [
    /^sig=(\d+) errno=-?\d+ code=(-?\d+) comm=[\s\S]{0,15} pid=(\d+) grp=(\d) res=(\d)$/,
    (head, [signal, code, target, group, result]) => ({
      kind: 'generate',
      ...head,
      signal: Number(signal),
      code: Number(code),
      target: Number(target),
      group: group === '1',
      result: Number(result),
    }),
  ],
  signal_deliver: [
    /^sig=(\d+) errno=-?\d+ code=-?\d+ sa_handler=([0-9a-f]+) sa_flags=[0-9a-f]+$/,
    (head, [signal, handler = '0']) => ({
      kind: 'deliver',
      ...head,
      signal: Number(signal),
      handler: BigInt(`0x${handler}`),
    }),
  ],
  mark_victim: [/^pid=(\d+)/, (_head, [pid]) => ({ kind: 'victim', pid: Number(pid) })],
  task_newtask: [
    /^pid=(\d+) comm=([\s\S]{0,15}) clone_flags=([0-9a-f]+) oom_score_adj=-?\d+$/,
    (head, [child, name = '', flags = '0']) => ({
      kind: 'task',
      ...head,
      child: Number(child),
      name,
      flags: Number.parseInt(flags, 16),
    }),
  ],
  task_rename: [
    /^(?:pid=\d+ )?oldcomm=[\s\S]{0,15} newcomm=([\s\S]{0,15}) oom_score_adj=-?\d+$/,
    ({ tid }, [name = '']) => ({ kind: 'name', tid, name }),
  ],
  tracing_mark_write: [/^([\s\S]{0,40})$/, (_head, [text = '']) => ({ kind: 'mark', text })],
  sched_process_exit: [
    /^comm=[\s\S]{0,15} pid=\d+ prio=-?\d+(?: group_dead=(true|false))?$/,
    (head, [dead]) => ({ kind: 'exit', ...head, last: dead !== 'false' }),
  ],
};

const LONGEST = 400;

/** @internal Takes the text in pieces, as they come. */
export class Lines {
  #rest = '';
  #begun = '';
  /** Lines that nobody could make out. */
  unreadable = 0;

  *read(text: string): Generator<Entry> {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const whole = this.#begun === '' ? line : `${this.#begun}\n${line}`;
      const entry = parse(whole) ?? (whole === line ? null : parse(line));
      if (entry !== null) {
        this.#begun = '';
        yield entry;
      } else if (whole.length < LONGEST) {
        this.#begun = whole;
      } else {
        this.#begun = '';
        this.unreadable++;
      }
    }
  }
}

function parse(line: string): Entry | null {
  const lost = LOST.exec(line);
  if (lost !== null) return { kind: 'lost', count: Number(lost[1] ?? 1) };
  const [, tid = '', seconds = '', micros = '', event = '', rest = ''] = HEAD.exec(line) ?? [];
  const [pattern, read] = EVENTS[event] ?? [];
  const fields = pattern?.exec(rest);
  if (fields === null || fields === undefined || read === undefined) return null;
  const head = { time: Number(seconds) * 1e6 + Number(micros), tid: Number(tid) };
  return read(head, fields.slice(1));
}
