// The processes that a key or a kill would meet, as a tree, and what each of them would do: the doctor's answers,
// side by side.
import { readStat } from '../../core/look/stat.js';
import { readProcess } from '../../core/look/process.js';
import { readStatus } from '../../core/look/status.js';
import { SignalError } from '../../base/errors/SignalError.js';
import { toName, toNumber } from '../../base/signal/names.js';
import { Inquiry, type Answer, type DiagnoseOptions } from './diagnose.js';
import type { Effect, Route } from './facts/Facts.js';
import { requireOwnProc } from './facts/ownProc.js';
import { pidsWhere, readTable, type ProcessTable } from './facts/processTable.js';
import { readProgram } from './facts/program.js';
import { deviceAt, readTerminal } from './facts/terminal.js';

/** A process of the tree. */
export interface Branch {
  pid: number;
  command: string;
  group: number;
  session: number;
  /** Whether it is in the foreground of the terminal. */
  foreground: boolean;
  /** `null` where it is hidden from this user. */
  disposition: 'default' | 'ignored' | 'caught' | null;
  /** Whether all of its threads block the signal; `null` where that is hidden. */
  blocked: boolean | null;
  /** Whether the signal is sent to it. */
  reached: boolean;
  acts: Answer;
  effect: Effect;
  because: string;
  children: Branch[];
}

export interface Tree {
  signal: string;
  number: number;
  by: Route;
  /** Whose keys are meant; `null` for kill(2). */
  terminal: string | null;
  foreground: number | null;
  trees: Branch[];
}

export interface TreeOptions extends DiagnoseOptions {
  /** kill(2) of the whole process group: kill -- -PGID. */
  group?: boolean;
}

/** A process, or a terminal's path. */
export type Target = { pid: number } | { terminal: string };

/**
 * All processes of the terminal for a key; for kill(2) the process and all that is below it.
 * @throws ERR_UNSUPPORTED without a terminal whose keys are meant, and as `diagnose`
 */
export async function growTree(target: Target, options: TreeOptions = {}): Promise<Tree> {
  requireOwnProc();
  const number = toNumber(options.signal ?? 'SIGINT');
  const table = readTable();
  const terminal = terminalOf(target);
  const hasKey = ['SIGINT', 'SIGQUIT', 'SIGTSTP'].includes(toName(number));
  const by = options.by ?? (hasKey && terminal !== null ? 'key' : 'kill');
  if (by === 'key' && terminal === null) throw none('it has no controlling terminal');
  if (by === 'kill' && !('pid' in target)) throw none('kill takes a pid, not a terminal');
  const roots = by === 'key' ? rootsOn(terminal?.device ?? 0, table) : [pidOf(target)];
  const reaches =
    by === 'key' ? onKey(terminal?.device ?? 0, table) : onKill(target, options, table);
  const inquiry = new Inquiry(number, by);
  const grower = { number, table, inquiry, reaches, by };
  const trees = await Promise.all(roots.map((pid) => grow(pid, grower)));
  return {
    signal: toName(number),
    number,
    by,
    terminal: by === 'key' ? (terminal?.path ?? null) : null,
    foreground: by === 'key' ? (terminal?.foreground ?? null) : null,
    trees: trees.flatMap((one) => one ?? []),
  };
}

interface Keys {
  path: string;
  device: number;
  foreground: number;
}

function terminalOf(target: Target): Keys | null {
  if ('pid' in target) {
    const { terminal: device, foreground } = readStat(target.pid);
    const found = readTerminal(target.pid, device);
    return found === null ? null : { path: found.path, device, foreground };
  }
  const device = deviceAt(target.terminal);
  if (device === null) throw none(`${target.terminal} is no terminal`);
  const [first] = pidsWhere(readTable(), ({ terminal }) => terminal === device);
  if (first === undefined) throw none(`nobody is on ${target.terminal}`);
  return { path: target.terminal, device, foreground: readStat(first).foreground };
}

/** The topmost processes of a terminal. */
function rootsOn(device: number, table: ProcessTable): number[] {
  const isOn = (pid: number): boolean => table.get(pid)?.terminal === device;
  return pidsWhere(table, ({ terminal, state }) => terminal === device && state !== 'Z').filter(
    (pid) => !isOn(table.get(pid)?.parent ?? 0),
  );
}

type Reaches = (pid: number) => boolean;

function onKey(device: number, table: ProcessTable): Reaches {
  return (pid) => {
    const stat = table.get(pid);
    return stat?.terminal === device && stat.group === stat.foreground;
  };
}

function onKill(target: Target, { group }: TreeOptions, table: ProcessTable): Reaches {
  const first = pidOf(target);
  const own = table.get(first)?.group;
  return (pid) => pid === first || (group === true && table.get(pid)?.group === own);
}

function pidOf(target: Target): number {
  return 'pid' in target ? Number(readStatus(`/proc/${target.pid}`).text('Tgid')) : 0;
}

interface Grower {
  number: number;
  table: ProcessTable;
  inquiry: Inquiry;
  reaches: Reaches;
  by: Route;
}

/** `null` for one that has ended meanwhile. */
async function grow(pid: number, grower: Grower): Promise<Branch | null> {
  const { table, number, reaches } = grower;
  const stat = table.get(pid);
  if (stat === undefined) return null;
  const below = pidsWhere(table, (one) => one.parent === pid && one.state !== 'Z').filter(
    (one) => one !== process.pid,
  );
  const [fate, ...children] = await Promise.all([
    fateOf(pid, grower),
    ...below.map((one) => grow(one, grower)),
  ]);
  if (fate === null) return null;
  return {
    pid,
    command: readProgram(pid, stat.name).command,
    group: stat.group,
    session: stat.session,
    foreground: stat.terminal !== 0 && stat.group === stat.foreground,
    ...standing(pid, number),
    reached: reaches(pid),
    ...fate,
    children: children.flatMap((one) => one ?? []),
  };
}

type Fate = Pick<Branch, 'acts' | 'effect' | 'because'>;

async function fateOf(pid: number, { inquiry, reaches, by }: Grower): Promise<Fate | null> {
  if (!reaches(pid)) {
    const because = by === 'key' ? 'it is not in the foreground' : 'it is not sent to it';
    return { acts: false, effect: 'nothing', because };
  }
  try {
    const { acts, effect, because, causes } = await inquiry.ask(pid);
    const ended = causes.some(({ rule }) => rule === 'no-such-process' || rule === 'zombie');
    return ended ? null : { acts, effect, because };
  } catch (error) {
    if (!(error instanceof SignalError)) throw error;
    return { acts: null, effect: 'unknown', because: 'it is hidden from this user' };
  }
}

function standing(pid: number, number: number): Pick<Branch, 'disposition' | 'blocked'> {
  const name = toName(number);
  try {
    const { ignored, caught, threads } = readProcess(pid);
    const disposition = ignored.includes(name)
      ? 'ignored'
      : caught.includes(name)
        ? 'caught'
        : 'default';
    return { disposition, blocked: threads.every(({ blocked }) => blocked.includes(name)) };
  } catch {
    return { disposition: null, blocked: null };
  }
}

function none(reason: string): SignalError {
  return new SignalError('ERR_UNSUPPORTED', `There is no tree to show: ${reason}.`);
}
