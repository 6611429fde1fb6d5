// What the memory of a Node process says of how it takes signals, and whether its event loop turns. /proc shows
// no more than that there is some handler, and a fresh Node has its own for SIGINT and SIGTERM, which end it.
import { epollDescriptors } from './takers.js';
import {
  executableOf,
  libraryOf,
  pathOf,
  readMappings,
  withMemory,
  type Mapping,
  type Memory,
  type Module,
} from './memory.js';

export interface Libuv {
  /** How many of libuv's watchers wait for the signal (`process.on`, and addons); `null` where that is not seen. */
  watchers: number | null;
  /** The descriptor that the main thread's event loop waits on. */
  loop: number | null;
  /** The address of the count of its turns; `null` where there is none to be found. */
  turns: number | null;
  /** The address of its time, which stands still with it, but moves with timers too; where there are no turns. */
  time: number | null;
  /** What else is loaded that may have set a handler: addons, libraries from elsewhere. */
  addons: string[];
  /** Whether sigbridge takes the signal there, which has its watcher a turn later; `null` where that is not seen. */
  sigbridge: boolean | null;
  /** Whether Node has a handler that breaks off a script, of `vm` with `breakOnSigint`; `null` where that is not seen. */
  breaks: boolean | null;
}

// libuv keeps its watchers in a tree, whose root is a static variable of signal.c, and the loop that
// node runs on its main thread in one of uv-common.c. Clang may split a struct into its members.
const ROOT_SYMBOLS = ['uv__signal_tree', 'uv__signal_tree.0'];
const LOOP_SYMBOL = 'default_loop_struct';
/** Since libuv 1.45, which counts the turns of each loop. */
const COUNTS_TURNS = 'uv_metrics_info';

// struct uv_signal_s and uv_loop_s on 64-bit systems; part of libuv's ABI since 1.0 (uv.h, uv/unix.h).
const NODE = { size: 144, signum: 104, left: 112, right: 120 };
const HANDLE = { loop: 8, type: 16, queue: 32, flags: 88 };
const LOOP = { size: 120, handles: 16, internal: 40, backend: 64, pending: 72, watchers: 88 };
/** `time` of uv_loop_t, on Linux: uv/unix.h, in milliseconds of CLOCK_MONOTONIC. */
const LOOP_TIME = 544;
const [UV_SIGNAL, UV_HANDLE_ACTIVE] = [16, 4];
// struct uv__loop_internal_fields_s, of uv-common.h: flags, then the metrics, whose first is loop_count.
const LOOP_COUNT = 8;

/** More than any program has; what is changed while it is read may lead anywhere. */
const MOST = 10_000;

/** `null` where its memory cannot be read. */
export function readLibuv(pid: number, signal: number): Libuv | null {
  const mappings = readMappings(pid);
  const uv = libraryOf(pid, mappings, /\/libuv\.so[.\d]*$/) ?? executableOf(pid, mappings);
  if (uv === null) return null;
  return withMemory(pid, (memory) => {
    const loop = addressOfLoop(pid, memory, mappings, uv);
    const root = ROOT_SYMBOLS.map((name) => uv.addressNamed(name)).find((one) => one !== null);
    const addons = addonsIn(mappings);
    return {
      watchers: watchersOf(memory, { root: root ?? null, loop, addons }, signal),
      loop: loop === null ? null : positive(memory.int(loop + LOOP.backend)),
      turns: loop === null ? null : addressOfTurns(memory, loop, uv),
      time: loop === null ? null : addressOfTime(memory, loop),
      addons,
      sigbridge: isSigbridges(pid, memory, mappings, signal),
      breaks: breaksScript(pid, memory, mappings),
    };
  });
}

/** How often the loop has turned, at the address that {@link readLibuv} has found. */
export function readTurns(pid: number, address: number): bigint | null {
  return withMemory(pid, (memory) => memory.bytes(address, 8).readBigUInt64LE(0));
}

function addressOfLoop(
  pid: number,
  memory: Memory,
  mappings: readonly Mapping[],
  uv: Module,
): number | null {
  const named = uv.addressNamed(LOOP_SYMBOL);
  if (named !== null) return memory.int(named + LOOP.backend) > 0 ? named : null;
  const epolls = new Set(epollDescriptors(pid));
  // Without symbols: what looks like a loop in every way, among the variables of libuv's module.
  for (const { start, end } of variablesOf(uv, mappings)) {
    const bytes = memory.bytes(start, end - start);
    for (let at = 0; at + LOOP.size <= bytes.length; at += 8) {
      if (!epolls.has(bytes.readInt32LE(at + LOOP.backend))) continue;
      if (isLoop(memory, start + at)) return start + at;
    }
  }
  return null;
}

/** Its written variables, and those that begin as zero, which lie behind them. */
function variablesOf({ path }: Module, mappings: readonly Mapping[]): readonly Mapping[] {
  return mappings.filter((one, index) => {
    if (!one.writable) return false;
    const before = mappings[index - 1];
    return one.path === path || (one.path === '' && before?.path === path && before.writable);
  });
}

// Each of its lists is a ring that leads back to it.
function isLoop(memory: Memory, loop: number): boolean {
  try {
    const rings = [LOOP.handles, LOOP.pending, LOOP.watchers].map((offset) => loop + offset);
    return rings.every((ring) => memory.pointer(memory.pointer(ring) + 8) === ring);
  } catch {
    return false;
  }
}

function addressOfTurns(memory: Memory, loop: number, uv: Module): number | null {
  if (uv.addressNamed(COUNTS_TURNS) === null) return null;
  const internal = memory.pointer(loop + LOOP.internal);
  return internal === 0 ? null : internal + LOOP_COUNT;
}

function addressOfTime(memory: Memory, loop: number): number | null {
  const time = memory.bytes(loop + LOOP_TIME, 8).readBigUInt64LE(0);
  return time > 0n && time <= process.hrtime.bigint() / 1_000_000n ? loop + LOOP_TIME : null;
}

interface Places {
  root: number | null;
  loop: number | null;
  addons: readonly string[];
}

function watchersOf(memory: Memory, { root, loop, addons }: Places, signal: number): number | null {
  if (root !== null) return countInTree(memory, root, signal);
  if (loop === null) return null;
  const count = countOnLoop(memory, loop, signal);
  // An addon may watch on a loop of its own.
  return count === 0 && addons.length > 0 ? null : count;
}

function countInTree(memory: Memory, root: number, signal: number): number | null {
  const waiting = [memory.pointer(root)];
  let count = 0;
  for (let seen = 0; waiting.length > 0; seen++) {
    const address = waiting.pop() ?? 0;
    if (address === 0) continue;
    if (seen > MOST) return null;
    const node = memory.bytes(address, NODE.size);
    if (node.readInt32LE(NODE.signum) === signal) count++;
    waiting.push(Number(node.readBigUInt64LE(NODE.left)), Number(node.readBigUInt64LE(NODE.right)));
  }
  return count;
}

function countOnLoop(memory: Memory, loop: number, signal: number): number | null {
  const head = loop + LOOP.handles;
  let count = 0;
  let ring = memory.pointer(head);
  for (let seen = 0; ring !== head; seen++) {
    if (seen > MOST) return null;
    const handle = ring - HANDLE.queue;
    const bytes = memory.bytes(handle, NODE.size);
    if (Number(bytes.readBigUInt64LE(HANDLE.loop)) !== loop) return null;
    const active = (bytes.readInt32LE(HANDLE.flags) & UV_HANDLE_ACTIVE) !== 0;
    const watches = bytes.readInt32LE(HANDLE.type) === UV_SIGNAL && active;
    if (watches && bytes.readInt32LE(NODE.signum) === signal) count++;
    ring = Number(bytes.readBigUInt64LE(HANDLE.queue));
  }
  return count;
}

/** native/engine/control/publish.cc: the signals that it takes, as bits. */
const TAKEN_SYMBOL = 'sigbridge_taken_v1';

function isSigbridges(
  pid: number,
  memory: Memory,
  mappings: readonly Mapping[],
  signal: number,
): boolean | null {
  const copies = mappings.filter((one) => pathOf(one).endsWith('/sigbridge.node'));
  let all: boolean | null = false;
  for (const copy of new Set(copies.map(({ path }) => path))) {
    const at = libraryOf(pid, mappings, copy)?.addressNamed(TAKEN_SYMBOL) ?? null;
    if (at === null) all = null;
    else if ((memory.bytes(at, 8).readBigUInt64LE(0) >> BigInt(signal - 1)) & 1n) return true;
  }
  return all;
}

// node::SigintWatchdogHelper, of node_watchdog.h: its first member counts who has asked for its handler of SIGINT.
const BREAKER_SYMBOL = '_ZN4node20SigintWatchdogHelper8instanceE';

function breaksScript(pid: number, memory: Memory, mappings: readonly Mapping[]): boolean | null {
  const modules = [libraryOf(pid, mappings, /\/libnode\.so[.\d]*$/), executableOf(pid, mappings)];
  const places = modules.map((module) => module?.addressNamed(BREAKER_SYMBOL) ?? null);
  const at = places.find((one) => one !== null);
  return at == null ? null : memory.int(at) > 0;
}

const SYSTEM = /^\/(usr\/(local\/)?)?lib(64|32|x32)?\//;

function addonsIn(mappings: readonly Mapping[]): string[] {
  const files = mappings.map(pathOf);
  const isAddon = (path: string): boolean =>
    path.endsWith('.node') || (/\.so[.\d]*$/.test(path) && !SYSTEM.test(path));
  return [...new Set(files.filter(isAddon))];
}

function positive(descriptor: number): number | null {
  return descriptor > 0 ? descriptor : null;
}
