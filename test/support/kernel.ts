import fs from 'node:fs';
import { constants } from 'node:os';

import * as testing from 'sigbridge/testing';

import { GUARD_MS } from './guard';

/** A name that Node knows, or any number, real-time signals included. */
export type AnySignal = NodeJS.Signals | number;

/** A thread's signal sets as proc_pid_status(5) shows them; bit n-1 is signal n. */
export interface Masks {
  /** Pending for this thread alone. */
  pending: bigint;
  /** Pending for the whole process. */
  shared: bigint;
  blocked: bigint;
  ignored: bigint;
  caught: bigint;
}

export interface Thread {
  tid: number;
  name: string;
  /** `'R'`, `'S'`, `'D'`, `'T'`, `'t'`, `'Z'` or `'X'`. */
  state: string;
  masks: Masks;
}

/** How often a thread was switched away from: by its own waiting, and by the scheduler. */
export interface Switches {
  voluntary: number;
  involuntary: number;
}

/** The mask that holds `signals` alone. */
export function bits(...signals: AnySignal[]): bigint {
  return signals.reduce((mask, signal) => mask | (1n << BigInt(toNumber(signal) - 1)), 0n);
}

/** Reads a thread's signal sets; the main thread's where no `tid` is given. */
export function statusMasks(pid: number, tid = pid): Masks {
  return parseMasks(readStatus(pid, tid));
}

/** Every thread of a process, the main thread first, but for the one that goes some time after a flood. */
export function threads(pid: number): Thread[] {
  return tids(pid).flatMap((tid) => {
    // A thread may end between the listing and the reading.
    const status = tryRead(() => readStatus(pid, tid));
    if (status === undefined) return [];
    const state = field(status, 'State').slice(0, 1);
    const name = field(status, 'Name');
    return name === 'sigbridge-queue' ? [] : [{ tid, name, state, masks: parseMasks(status) }];
  });
}

/** The context switches of every thread, by tid. */
export function switches(pid: number): Map<number, Switches> {
  return new Map(
    tids(pid).map((tid) => {
      const status = readStatus(pid, tid);
      const voluntary = Number(field(status, 'voluntary_ctxt_switches'));
      const involuntary = Number(field(status, 'nonvoluntary_ctxt_switches'));
      return [tid, { voluntary, involuntary }];
    }),
  );
}

/** The awaiters of `sigbridge/testing`, with the patience that a loaded machine needs. */
const PATIENCE = { timeoutMs: GUARD_MS };

/** Asks again in each turn of the event loop until `done`; the error names `what`. */
export async function until(
  done: () => boolean,
  what: string,
  timeoutMs = GUARD_MS,
): Promise<void> {
  await testing.until(done, what, { timeoutMs });
}

/** The process has a handler for the signal. */
export async function untilCaught(pid: number, signal: AnySignal): Promise<void> {
  await testing.untilCaught(pid, signal, PATIENCE);
}

/** The process ignores the signal. */
export async function untilIgnored(pid: number, signal: AnySignal): Promise<void> {
  await testing.untilIgnored(pid, signal, PATIENCE);
}

/** The thread blocks the signal. */
export async function untilBlocked(pid: number, signal: AnySignal, tid = pid): Promise<void> {
  await testing.untilBlocked(pid, signal, { ...PATIENCE, tid });
}

/** The signal is pending, for the process or for one of its threads. */
export async function untilPending(pid: number, signal: AnySignal): Promise<void> {
  await testing.untilPending(pid, signal, PATIENCE);
}

/** The main thread is in one of these states: `'S'` sleeping, `'T'` stopped, `'Z'` zombie, … */
export async function untilState(pid: number, ...states: string[]): Promise<void> {
  await testing.untilState(pid, states, PATIENCE);
}

/** The process is no more, not even as a zombie. */
export async function untilGone(pid: number): Promise<void> {
  await until(() => !fs.existsSync(`/proc/${String(pid)}`), `process ${String(pid)} to be gone`);
}

function toNumber(signal: AnySignal): number {
  return typeof signal === 'number' ? signal : constants.signals[signal];
}

function tids(pid: number): number[] {
  return fs
    .readdirSync(`/proc/${String(pid)}/task`)
    .map(Number)
    .sort((a, b) => a - b);
}

function readStatus(pid: number, tid: number): string {
  return fs.readFileSync(`/proc/${String(pid)}/task/${String(tid)}/status`, 'utf8');
}

function parseMasks(status: string): Masks {
  const mask = (name: string): bigint => BigInt(`0x${field(status, name)}`);
  return {
    pending: mask('SigPnd'),
    shared: mask('ShdPnd'),
    blocked: mask('SigBlk'),
    ignored: mask('SigIgn'),
    caught: mask('SigCgt'),
  };
}

function field(status: string, name: string): string {
  const value = new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1];
  if (value === undefined) throw new Error(`no field ${name} in\n${status}`);
  return value;
}

function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
