import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';

import { onTestEnd } from './cleanup';
import { guarded } from './guard';
import { until } from './kernel';
import { kill, killQuietly } from './kill';
import { SIGBRIDGE } from './run';

interface Person {
  pid: number;
  command: string;
  ended: boolean;
}

/** A line of `sigbridge watch --json`. */
export interface Seen {
  id: number;
  time: string;
  signal: string;
  code: string;
  sender: (Person & { ancestors: Person[] }) | null;
  reason: string | null;
  target: Person & { thread: number | null };
  outcome: string;
  handler: string | null;
  afterUs: number | null;
}

export interface Ended {
  seen: number;
  lost: number;
  unreadable: number;
  summary: { signal: string; count: number; outcomes: Record<string, number> }[];
}

/** Whether the kernel's record can be read here: as root, on the machine itself. */
export const CAN_WATCH = canWatch();

function canWatch(): boolean {
  if (process.getuid?.() !== 0) return false;
  if (fs.readlinkSync('/proc/self/ns/pid') !== 'pid:[4026531836]') return false;
  return spawnSync('unshare', ['-m', 'mount', '-t', 'tracefs', 't', '/mnt']).status === 0;
}

/** The records that there are in the kernel, by name. */
export function instances(): string[] {
  const script = 'mount -t tracefs t /mnt && ls /mnt/instances';
  return spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' }).stdout.split('\n');
}

export interface Watching {
  pid: number;
  seen: Seen[];
  /** The line at the end; `undefined` before. */
  ended: () => Ended | undefined;
  endInput: () => void;
  waitFor: (what: string, found: (one: Seen) => boolean) => Promise<Seen>;
  exit: Promise<[code: number | null, signal: string | null]>;
  /** By SIGINT, as Ctrl+C does. */
  stop: () => Promise<Ended>;
}

/** `sigbridge watch --json`, which is watching by now. */
export async function watching(args: readonly string[]): Promise<Watching> {
  const child = spawn(process.execPath, [SIGBRIDGE, 'watch', '--json', ...args]);
  onTestEnd(() => {
    killQuietly(child.pid);
  });
  const seen: Seen[] = [];
  let end: Ended | undefined;
  let errors = '';
  // Of each stream: a line that is still coming on one is not to be taken for the other's.
  const rests = { stdout: '', stderr: '' };
  const take = (stream: keyof typeof rests, text: string): void => {
    const lines = (rests[stream] + text).split('\n');
    rests[stream] = lines.pop() ?? '';
    for (const line of lines.filter((one) => one.startsWith('{'))) {
      const value = JSON.parse(line) as Seen | Ended;
      if ('seen' in value) end = value;
      else seen.push(value);
    }
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    take('stdout', text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
    take('stderr', text);
  });
  const closed = guarded(once(child, 'close'), () => `the end of the watch; ${errors}`);
  const isThere = (): boolean => errors.includes('Watching') || args.includes('--exec');
  await until(() => child.exitCode !== null || isThere(), 'the watch');
  return {
    pid: child.pid ?? 0,
    seen,
    ended: () => end,
    endInput: () => {
      child.stdin.end();
    },
    waitFor: async (what, found) => {
      await until(
        () => seen.some(found),
        `${what}; seen ${JSON.stringify(seen, null, 1)} ${errors}`,
      );
      const one = seen.find(found);
      if (one === undefined) throw new Error(what);
      return one;
    },
    exit: closed as Promise<[number | null, string | null]>,
    stop: async () => {
      kill(child.pid, 'SIGINT');
      await closed;
      if (end === undefined) throw new Error(`no end: ${errors}`);
      return end;
    },
  };
}
