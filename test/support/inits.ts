import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import type { Readable, Writable } from 'node:stream';

import { onTestEnd } from './cleanup';
import { guarded } from './guard';
import { bits, type Thread, threads, until } from './kernel';
import { killGroupQuietly, killQuietly } from './kill';
import { LAUNCHER } from './run';
import { UNSHARE } from './unshare';

/** Inits to stand side by side: ours, and those that Debian has. */
export const INITS = {
  'sigbridge run --init': [LAUNCHER, '--init', '--'],
  tini: ['tini', '--'],
  'dumb-init': ['dumb-init', '--'],
} as const;

export type InitName = keyof typeof INITS;

/** A PID namespace of its own, in which what follows is PID 1. */
export const AS_PID_1 = [...UNSHARE, '-pf', '--kill-child', '--mount-proc'] as const;

export interface UnderInit {
  init: number;
  command: number;
  /** How the init ended, as whoever started it sees it: a status, or a signal's name. */
  end: Promise<string>;
  stdin: Writable;
  /** All that was written so far. */
  output: () => string;
}

/** Starts a shell's command line below an init; it is running by now, and has written `ready`. */
export async function underInit(
  name: InitName,
  line: string,
  { asPid1 = false, launcher = [] as readonly string[], options = [] as readonly string[] } = {},
): Promise<UnderInit> {
  const [init, ...rest] = INITS[name];
  const words = [...launcher, ...(asPid1 ? AS_PID_1 : []), init, ...options, ...rest];
  const script = `echo ready; ${line}`;
  const child = start([...words, 'sh', '-c', script]);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.resume();
  const closed = once(child, 'exit').then(([code, signal]) => String(signal ?? code));
  await guarded(once(child.stdout, 'data'), () => `${name} to start '${line}'`);
  const pid = asPid1 ? firstChild(child.pid ?? 0) : (child.pid ?? 0);
  const command = firstChild(pid);
  onTestEnd(() => {
    child.stdout.destroy();
    // It may have a session of its own. With the last of its group.
    killGroupQuietly(command);
    killQuietly(pid);
  });
  return {
    init: pid,
    command,
    end: guarded(closed, () => `${name} to end`),
    stdin: child.stdin,
    output: () => output,
  };
}

/** Starts a command line with pipes; it does not outlive the test. */
export function start([command = '', ...argv]: string[]): ChildProcessByStdio<
  Writable,
  Readable,
  Readable
> {
  const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  onTestEnd(() => {
    killQuietly(child.pid);
  });
  return child;
}

export function childrenOf(pid: number): number[] {
  const list = fs.readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
  return list.split(' ').filter(Boolean).map(Number);
}

export function firstChild(pid: number): number {
  const [child] = childrenOf(pid);
  if (child === undefined) throw new Error(`process ${String(pid)} has no child`);
  return child;
}

export function stateOf(pid: number): string {
  return threadsOf(pid)[0]?.state ?? 'gone';
}

function threadsOf(pid: number): Thread[] {
  try {
    return threads(pid);
  } catch {
    return [];
  }
}

/** The process waits, and has taken all that was sent to it, but for what nobody can take. */
export function isIdle(pid: number): boolean {
  // In this order: what is pending no more is being dealt with until it waits again.
  return pendingOf(pid) === 0n && stateOf(pid) === 'S';
}

/** The signal waits for the process. */
export function hasPending(pid: number, signal: NodeJS.Signals): boolean {
  return (pendingOf(pid) & bits(signal)) !== 0n;
}

/** None for a process that is gone. */
function pendingOf(pid: number): bigint {
  const [thread] = threadsOf(pid);
  return thread === undefined ? 0n : thread.masks.pending | thread.masks.shared;
}

export async function untilIdle(pid: number): Promise<void> {
  await until(() => isIdle(pid), `process ${String(pid)} to have taken what was sent`);
}
