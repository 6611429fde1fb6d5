import { readFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import { readStatus } from '../../../core/look/status.js';
import { waitsIn, waitsOn } from './takers.js';

/** How a thread has spent the time for which it was watched. */
export interface Activity {
  /** How long that was, in ms. */
  watchedMs: number;
  /** How much of it the thread ran, or waited for a processor to run on: 0 to 1. */
  wanted: number;
  /** How much of it the thread ran: utime and stime of proc_pid_stat(5). */
  ran: number;
  /** How often it has given its processor up by itself, to wait for something. */
  waits: number;
  /** Its state in the end, the kernel function it waits in, and the descriptor whose events it waits for. */
  state: string;
  waitsIn: string;
  waitsOn: number | null;
  /** Whether it has the same children as before: it has started none, and asked for the end of none. */
  sameChildren: boolean;
  /** How often its event loop has turned; `null` where nothing counts that. */
  turns: number | null;
}

interface Reading {
  at: bigint;
  /** ns on a processor, and waiting for one; `null` where the kernel does not count that. */
  schedule: { ran: bigint; waited: bigint } | null;
  ticks: number;
  switches: number;
  state: string;
  /** Those that it has started; `null` where the kernel does not tell. */
  children: string | null;
}

/** USER_HZ, which is 100 wherever Linux runs: time(7). */
const TICK_MS = 10;

/** Long beside a tick, and beside what a busy loop may do between two turns. */
export const WATCH_MS = 300;
const LONGER_MS = 1_500;

/**
 * Reads a thread twice, with a time in between that is measured; `null` when it has ended meanwhile.
 * @param count of the turns of its event loop, where there is one to be read
 * Nothing but time passing shows that a thread works without a pause.
 */
export async function watch(
  pid: number,
  tid: number,
  count: (() => bigint | null) | null = null,
): Promise<Activity | null> {
  const before = reading(pid, tid);
  const first = count?.() ?? null;
  await pass(WATCH_MS);
  let last = count?.() ?? null;
  // Long work in pieces is no stuck loop: one that stands still is given more time to turn.
  while (first !== null && last === first && elapsed(before) < LONGER_MS) {
    await pass(WATCH_MS / 3);
    last = count?.() ?? null;
  }
  const after = reading(pid, tid);
  if (before === null || after === null) return null;
  const watchedMs = Number(after.at - before.at) / 1e6;
  const ran = ((after.ticks - before.ticks) * TICK_MS) / watchedMs;
  return {
    watchedMs,
    ran: Math.min(1, ran),
    wanted: Math.min(1, wanted(before, after) ?? ran),
    waits: after.switches - before.switches,
    state: after.state,
    waitsIn: waitsIn(pid, tid),
    waitsOn: waitsOn(pid, tid),
    turns: first === null || last === null ? null : Number(last - first),
    sameChildren: before.children !== null && before.children === after.children,
  };
}

function elapsed(since: Reading | null): number {
  return since === null ? Infinity : Number(process.hrtime.bigint() - since.at) / 1e6;
}

function wanted(before: Reading, after: Reading): number | null {
  if (before.schedule === null || after.schedule === null) return null;
  const ran = after.schedule.ran - before.schedule.ran;
  const waited = after.schedule.waited - before.schedule.waited;
  return Number(ran + waited) / Number(after.at - before.at);
}

function reading(pid: number, tid: number): Reading | null {
  const folder = `/proc/${pid}/task/${tid}`;
  try {
    const stat = readFileSync(`${folder}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readStatus(folder);
    return {
      at: process.hrtime.bigint(),
      schedule: schedule(folder),
      ticks: Number(fields[11]) + Number(fields[12]),
      switches: Number(status.text('voluntary_ctxt_switches')),
      state: fields[0] ?? '',
      children: childrenOf(folder),
    };
  } catch {
    return null;
  }
}

// Documentation/scheduler/sched-stats.rst; without CONFIG_SCHED_INFO it is missing, or all zero.
function schedule(folder: string): Reading['schedule'] {
  try {
    const text = readFileSync(`${folder}/schedstat`, 'utf8');
    const [ran = 0n, waited = 0n] = text.trim().split(' ').map(BigInt);
    return ran === 0n ? null : { ran, waited };
  } catch {
    return null;
  }
}

// proc_tid_children(5); needs CONFIG_PROC_CHILDREN.
function childrenOf(folder: string): string | null {
  try {
    return readFileSync(`${folder}/children`, 'latin1');
  } catch {
    return null;
  }
}
