import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import { briefly, wholly } from './describe.js';
import type { ShutdownReason, ShutdownReport, StageResult } from './stage.js';

/** @internal Tells people, or those who read logs, how far it has got. */
export interface Progress {
  begin(reason: ShutdownReason, event: SignalEvent | null, stages: number): void;
  stage(result: StageResult): void;
  /** The first Ctrl+C, when it has begun already. */
  interrupt(event: SignalEvent): void;
  hurry(why: string): void;
  problem(error: unknown): void;
  end(report: ShutdownReport): void;
}

const STDERR = 2;

/** @internal */
export function progressOf(kind: 'auto' | 'lines' | 'json' | 'none'): Progress {
  if (kind === 'auto') return isatty(STDERR) ? LINES : JSON_LINES;
  return { lines: LINES, json: JSON_LINES, none: SILENT }[kind];
}

let late = false;

// At once: the process is about to end. What a full pipe does not take goes into its stream, which is
// given its time in the end.
function write(text: string): void {
  const bytes = Buffer.from(text);
  const behind = late && process.stderr.writableLength > 0;
  const done = behind ? 0 : writeNow(bytes);
  if (done === bytes.length) return;
  late = true;
  if (process.stderr.writable) process.stderr.write(bytes.subarray(done));
}

// How much of it needs no more care. A terminal or a pipe that is gone must not stop the process from
// ending: nobody is left to be told.
function writeNow(bytes: Buffer): number {
  let done = 0;
  try {
    while (done < bytes.length) done += writeSync(STDERR, bytes, done);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return bytes.length;
  }
  return done;
}

/** @internal What has to be said, whether anybody is told of progress or not. */
export function warn(error: Error): void {
  write(`sigbridge shutdown: ${error.message}\n`);
}

const INTERRUPTED = 'shutting down already; another one does not wait for what is left';

// The terminal has put ^C on the line.
function newLine(event: SignalEvent | null): string {
  return event?.code === 'SI_KERNEL' ? '\n' : '';
}

const OUTCOMES = { done: 'done', failed: 'failed', 'timed-out': 'timed out' };

const LINES: Progress = {
  begin({ trigger, message, error }, event, stages) {
    write(
      `${newLine(event)}${message}: shutting down, ${stages} ${stages === 1 ? 'stage' : 'stages'}\n`,
    );
    if (trigger !== 'signal' && trigger !== 'call') write(`${wholly(error)}\n`);
  },
  stage({ name, outcome, ms, error }) {
    const why = outcome === 'done' ? '' : `: ${briefly(error)}`;
    write(`  ${name.padEnd(16)} ${duration(ms).padStart(8)}  ${OUTCOMES[outcome]}${why}\n`);
  },
  interrupt(event) {
    write(`${newLine(event)}  ${event.signal}: ${INTERRUPTED}\n`);
  },
  hurry(why) {
    write(`  ${why}\n`);
  },
  problem(error) {
    write(`  ${briefly(error)}\n`);
  },
  end({ ms }) {
    write(`shut down in ${duration(ms)}\n`);
  },
};

const JSON_LINES: Progress = {
  begin({ trigger, message, error }, event, stages) {
    const { code, pid } = event ?? { code: undefined, pid: undefined };
    const stack = error === undefined ? undefined : wholly(error);
    line({ shutdown: 'begin', trigger, message, code, sender: pid, stages, error: stack });
  },
  stage({ name, outcome, ms, error }) {
    const why = outcome === 'done' ? undefined : briefly(error);
    line({ shutdown: 'stage', name, outcome, ms: rounded(ms), error: why });
  },
  interrupt({ signal }) {
    line({ shutdown: 'interrupt', signal, message: INTERRUPTED });
  },
  hurry(why) {
    line({ shutdown: 'hurry', why });
  },
  problem(error) {
    line({ shutdown: 'problem', error: wholly(error) });
  },
  end({ ms, hurried }) {
    line({ shutdown: 'end', ms: rounded(ms), hurried });
  },
};

const SILENT: Progress = {
  begin({ trigger, error }) {
    // What the runtime would have said must not get lost.
    if (trigger !== 'signal' && trigger !== 'call') write(`${wholly(error)}\n`);
  },
  stage: () => undefined,
  interrupt: () => undefined,
  hurry: () => undefined,
  problem: () => undefined,
  end: () => undefined,
};

function line(value: unknown): void {
  write(`${JSON.stringify(value)}\n`);
}

function duration(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
