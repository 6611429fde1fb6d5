import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { readElf, type Elf } from '../../../core/look/elf.js';

/** What the memory of a Node process says of how it takes a signal. */
export interface Libuv {
  /** How many of libuv's watchers wait for the signal: `process.on`, and addons. */
  watchers: number;
  /** The descriptor that the main thread's event loop waits on; `null` where that cannot be told. */
  loop: number | null;
}

// libuv keeps its watchers in a tree, whose root is a static variable of signal.c, and the loop that
// node runs on its main thread in one of uv-common.c.
const ROOT_SYMBOL = 'uv__signal_tree';
const LOOP_SYMBOL = 'default_loop_struct';

// struct uv_signal_s and uv_loop_s on 64-bit systems; part of libuv's ABI since 1.0 (uv.h, uv/unix.h).
const NODE = { size: 144, signum: 104, left: 112, right: 120 };
const LOOP_BACKEND_FD = 64;

/** More than any program has; a tree that is changed while it is read may lead anywhere. */
const MOST = 10_000;

type Read = (address: number, size: number) => Buffer;

/**
 * Read from the memory of a process, since /proc shows only that there is some handler, and a fresh Node
 * has its own for SIGINT and SIGTERM, which end it. `null` where that cannot be told: the memory of
 * another user's process, a stripped executable, a libuv of the system's own.
 */
export function readLibuv(pid: number, signal: number): Libuv | null {
  try {
    const elf = readElf(`/proc/${pid}/exe`);
    // Clang may split a struct into its members, of which this one has one.
    const root = elf?.addressNamed(ROOT_SYMBOL) ?? elf?.addressNamed(`${ROOT_SYMBOL}.0`) ?? null;
    if (elf === null || root === null) return null;
    // Where the executable lies, if it may lie anywhere.
    const base = elf.fixed ? 0 : loadAddress(pid);
    return withMemory(pid, (read) => {
      const watchers = countIn(read, base + root, signal);
      return watchers === null ? null : { watchers, loop: loopIn(read, base, elf) };
    });
  } catch {
    return null;
  }
}

function withMemory<T>(pid: number, use: (read: Read) => T): T {
  const fd = openSync(`/proc/${pid}/mem`, 'r');
  try {
    return use((address, size) => {
      const buffer = Buffer.alloc(size);
      if (readSync(fd, buffer, 0, size, address) !== size) throw new Error('short read');
      return buffer;
    });
  } finally {
    closeSync(fd);
  }
}

function countIn(read: Read, root: number, signal: number): number | null {
  const waiting = [pointer(read(root, 8), 0)];
  let count = 0;
  for (let seen = 0; waiting.length > 0; seen++) {
    const address = waiting.pop() ?? 0;
    if (address === 0) continue;
    if (seen > MOST) return null;
    const node = read(address, NODE.size);
    if (node.readInt32LE(NODE.signum) === signal) count++;
    waiting.push(pointer(node, NODE.left), pointer(node, NODE.right));
  }
  return count;
}

function loopIn(read: Read, base: number, elf: Elf): number | null {
  const loop = elf.addressNamed(LOOP_SYMBOL);
  if (loop === null) return null;
  const descriptor = read(base + loop + LOOP_BACKEND_FD, 4).readInt32LE(0);
  return descriptor > 0 ? descriptor : null;
}

function loadAddress(pid: number): number {
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
  return Number.parseInt(maps.slice(0, maps.indexOf('-')), 16);
}

// Addresses of user space fit into 48 bits.
function pointer(buffer: Buffer, at: number): number {
  return Number(buffer.readBigUInt64LE(at));
}
