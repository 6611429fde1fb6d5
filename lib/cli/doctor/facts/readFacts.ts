// The facts of a process and a signal, read from /proc, the terminal and the process's memory.
import { readFileSync } from 'node:fs';
import { setTimeout as pass } from 'node:timers/promises';
import { readProcess, type ProcessSignals } from '../../../core/look/process.js';
import { readStat, type Stat } from '../../../core/look/stat.js';
import { readStatus, type Status } from '../../../core/look/status.js';
import { addon } from '../../../base/native/addon.js';
import { toName } from '../../../base/signal/names.js';
import { defaultAction } from '../../../base/signal/traits.js';
import type { Culprit } from '../Cause.js';
import { watch } from './activity.js';
import { ancestorsOf, readRelative, type Relative } from './ancestors.js';
import {
  hasEventLoop,
  isInterpreter,
  waitsElsewhere,
  waitsForEvents,
  type Facts,
  type KeySignal,
  type Route,
  type Thread,
} from './Facts.js';
import { readFrozen } from './freezer.js';
import { readLibuv, readTurns } from './libuv.js';
import { childrenOf, pidsWhere, readTable, type ProcessTable } from './processTable.js';
import { readProgram, type ProgramKind } from './program.js';
import { readRelay } from './relay.js';
import { readShell } from './shell.js';
import { epollDescriptors, isHidden, readTaker, waitsIn, waitsOn } from './takers.js';
import { readTerminal } from './terminal.js';

const RUN_BY_NODE: ReadonlySet<ProgramKind> = new Set(['node', 'package-runner']);

/**
 * What /proc and the terminal say about a process and a signal. Takes as long as {@link watch} where a
 * thread may be stuck, and up to as long again where one runs that blocks the signal. A thread's id
 * stands for its process, as for kill(2).
 * @param route by default the key, for a signal that has one and a process that has a terminal
 * @throws as `readFileSync` and `readProcess`, where there is no such process or it is hidden
 */
export async function readFacts(pid: number, number: number, route?: Route): Promise<Facts> {
  const facts = await readAtRest(pid, number, route);
  const thread = suspect(facts);
  if (thread === null) return facts;
  const turns = facts.libuv?.turns ?? null;
  const place = turns ?? facts.libuv?.time ?? null;
  const loops = place !== null && hasEventLoop(facts.program) ? () => readTurns(pid, place) : null;
  const count = mayUnblock(facts) ? () => readWaits(pid, thread.tid) : loops;
  const watched = await watch(facts.pid, thread.tid, count);
  // That time has moved is no turn: timers ask for it as well.
  const counts = turns !== null || watched?.turns === 0;
  const activity = watched === null || counts ? watched : { ...watched, turns: null };
  // It has ended meanwhile: what is left of the process is what counts.
  if (activity === null || ENDED.has(activity.state)) return read(facts.pid, number, route);
  // What is taken soon after it was sent has not been kept waiting.
  const pending = facts.pending && readPending(facts.pid, facts.signal.name);
  return { ...facts, pending, activity: { ...activity, thread } };
}

/**
 * A mask may stand for an instant only: a shell blocks all signals on its way to sigsuspend(2), a child on
 * its way to exec(3). What blocks the signal everywhere is believed of threads that were at rest.
 */
async function readAtRest(pid: number, number: number, route?: Route): Promise<Facts> {
  const until = performance.now() + REST_MS;
  let facts = read(pid, number, route);
  while (facts.receiver === null) {
    const before = facts;
    facts = read(pid, number, route);
    if (before.threads.every(isAtRest) || performance.now() > until) break;
    await pass(MOMENT_MS);
  }
  return facts;
}

/** How long one that runs is given to come to rest. */
const REST_MS = 1_000;
const MOMENT_MS = 5;

// Stopped, asleep or ended: not running, nor in the short wait of vfork(2).
function isAtRest({ state }: Thread): boolean {
  return state !== 'R' && state !== 'D';
}

function read(id: number, number: number, wanted: Route | undefined): Facts {
  const pid = Number(readStatus(`/proc/${id}`).text('Tgid'));
  const table = readTable();
  const stat = table.get(pid) ?? readStat(pid);
  const sets = readProcess(pid);
  const status = readStatus(`/proc/${pid}`);
  const program = readProgram(pid, stat.name);
  const name = toName(number);
  const signal = { name, number, action: defaultAction(number), key: keySignal(name) };
  const disposition = dispositionOf(sets, name);
  const threads = readThreads(sets, name);
  const unblocked = threads.filter(({ blocks, state }) => !blocks && !ENDED.has(state));
  const terminal = readTerminal(pid, stat.terminal);
  const isNode = RUN_BY_NODE.has(program.kind) && disposition === 'caught';
  const libuv = isNode ? readLibuv(pid, number) : null;
  const relatives = (pids: number[]): Relative[] =>
    pids.flatMap((one) => readRelative(one, table) ?? []);
  return {
    signal,
    route: wanted ?? (signal.key !== null && terminal !== null ? 'key' : 'kill'),
    pid,
    program,
    stat,
    sets,
    disposition,
    threads,
    // The kernel asks the main thread first, then any: complete_signal() in kernel/signal.c.
    receiver: unblocked[0] ?? null,
    pending: sets.shared.pending.includes(name) || threads.some((thread) => thread.pending),
    taker: readTaker(
      pid,
      number,
      unblocked.map(({ tid }) => tid),
    ),
    tracer: readTracer(Number(status.text('TracerPid')), table),
    ancestors: ancestorsOf(pid, table),
    // This command is no part of what it looks at.
    children: relatives(childrenOf(pid, table).filter((one) => one !== process.pid)),
    terminal,
    foreground: relatives(
      terminal === null ? [] : pidsWhere(table, ({ group }) => group === stat.foreground),
    ),
    init: readInit(status),
    orphanedGroup: isOrphaned(stat, table),
    frozen: readFrozen(pid),
    refusal: refusalOf(pid, name, stat),
    users: { its: realUser(status), ours: process.getuid?.() ?? 0 },
    libuv,
    shell: program.kind === 'shell' ? readShell(pid, program.name, number) : null,
    below: [],
    kernelThread: isKernelThread(pid),
    relay: readRelay(pid, table),
    hidden: isHidden(pid),
    epolls: epollDescriptors(pid),
    fall: null,
    activity: null,
  };
}

const ENDED: ReadonlySet<string> = new Set(['Z', 'X']);

function keySignal(name: string): KeySignal | null {
  return name === 'SIGINT' || name === 'SIGQUIT' || name === 'SIGTSTP' ? name : null;
}

function dispositionOf({ ignored, caught }: ProcessSignals, name: string): Facts['disposition'] {
  if (ignored.includes(name)) return 'ignored';
  return caught.includes(name) ? 'caught' : 'default';
}

function readThreads({ pid, threads }: ProcessSignals, signal: string): Thread[] {
  return threads.flatMap(({ tid, name, blocked, pending }) => {
    const { state, where } = restOf(pid, tid);
    if (state === null) return [];
    const sets = { blocks: blocked.includes(signal), pending: pending.includes(signal) };
    return [{ tid, name, state, ...sets, waitsIn: where, waitsOn: waitsOn(pid, tid) }];
  });
}

const LOOKS = 5;

// Who was asleep for an instant only may run by the second look, which then shows nothing, as where that is hidden.
function restOf(pid: number, tid: number): { state: string | null; where: string } {
  for (let look = 1; ; look++) {
    const state = threadState(pid, tid);
    const where = waitsIn(pid, tid);
    if (state !== 'S' || where !== '' || look === LOOKS) return { state, where };
  }
}

// `null` for a thread that has ended meanwhile.
function threadState(pid: number, tid: number): string | null {
  try {
    return readStatus(`/proc/${pid}/task/${tid}`).text('State').slice(0, 1);
  } catch {
    return null;
  }
}

function readPending(pid: number, signal: string): boolean {
  const { shared, threads } = readProcess(pid);
  return [shared, ...threads].some(({ pending }) => pending.includes(signal));
}

function readTracer(pid: number, table: ProcessTable): Culprit | null {
  if (pid === 0) return null;
  const tracer = readRelative(pid, table);
  return { pid, command: tracer?.command ?? '?' };
}

// Its pid in each namespace, from ours inwards: proc_pid_status(5).
function readInit(status: Status): Facts['init'] {
  const pids = status.text('NSpid').split(/\s+/);
  return { is: pids.at(-1) === '1', fromOutside: pids.length > 1 };
}

// setpgid(2): no parent in another group of the same session could continue what has been stopped.
function isOrphaned({ group, session }: Stat, table: ProcessTable): boolean {
  return pidsWhere(table, (stat) => stat.group === group).every((member) => {
    const parent = table.get(table.get(member)?.parent ?? 0);
    return parent === undefined || parent.group === group || parent.session !== session;
  });
}

// A process may always continue another one of its session: kill(2).
function refusalOf(pid: number, signal: string, { session }: Stat): number {
  if (signal === 'SIGCONT' && session === addon.sessionOf(0)) return 0;
  return addon.send(pid, 0);
}

// PF_KTHREAD of include/linux/sched.h, in the ninth field: proc_pid_stat(5).
function isKernelThread(pid: number): boolean {
  const line = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const flags = Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[6]);
  return (flags & 0x200000) !== 0;
}

function realUser(status: Status): number {
  return Number(status.text('Uid').split(/\s+/)[0]);
}

/** Whether it blocks the signal while it waits, to take it in between: who has a handler, or is of no language that does not. */
function mayUnblock({ receiver, taker, disposition, program, hidden }: Facts): boolean {
  if (receiver !== null || taker !== null || hidden || hasEventLoop(program)) return false;
  return disposition === 'caught' || (disposition === 'default' && program.kind === 'other');
}

function readWaits(pid: number, tid: number): bigint {
  return BigInt(readStatus(`/proc/${pid}/task/${tid}`).text('voluntary_ctxt_switches'));
}

/** The thread that may be stuck, as far as one look can tell. */
function suspect(facts: Facts): Thread | null {
  const { disposition, program, threads, receiver, pending, libuv } = facts;
  const [main] = threads;
  if (main !== undefined && mayUnblock(facts)) return main;
  if (receiver === null || main === undefined) return null;
  if (disposition === 'caught') {
    const idle = waitsForEvents(main) && !waitsElsewhere(main, libuv?.loop ?? null);
    if (hasEventLoop(program) && !idle) return main;
    if (isInterpreter(program)) return main;
  }
  return receiver.state === 'D' || pending ? receiver : null;
}
