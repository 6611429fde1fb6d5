import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { endianness } from 'node:os';

// libuv keeps its watchers in a tree, whose root is a static variable of signal.c.
const ROOT_SYMBOL = 'uv__signal_tree';

// struct uv_signal_s on 64-bit systems; part of libuv's ABI since 1.0 (uv.h, uv/unix.h).
const NODE = { size: 144, signum: 104, left: 112, right: 120 };

/** More than any program has; a tree that is changed while it is read may lead anywhere. */
const MOST = 10_000;

/**
 * How many libuv watchers of a Node process wait for a signal: `process.on`, and addons. Read from its
 * memory, since /proc shows only that there is some handler, and a fresh Node has its own for SIGINT and
 * SIGTERM, which end it. `null` where that cannot be told: the memory of another user's process, a
 * stripped executable, a libuv of the system's own.
 */
export function countListeners(pid: number, signal: number): number | null {
  try {
    const exe = `/proc/${pid}/exe`;
    const root = rootAddress(exe, pid);
    return root === null ? null : countIn(`/proc/${pid}/mem`, root, signal);
  } catch {
    return null;
  }
}

function countIn(memory: string, root: number, signal: number): number | null {
  const fd = openSync(memory, 'r');
  try {
    const read = (address: number, size: number): Buffer => {
      const buffer = Buffer.alloc(size);
      if (readSync(fd, buffer, 0, size, address) !== size) throw new Error('short read');
      return buffer;
    };
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
  } finally {
    closeSync(fd);
  }
}

// ELF(5): the symbol's value, and where the executable lies if it may lie anywhere.
function rootAddress(exe: string, pid: number): number | null {
  const fd = openSync(exe, 'r');
  try {
    const head = readAt(fd, 0, 64);
    const is64 = head.readUInt32BE(0) === 0x7f454c46 && head[4] === 2;
    if (!is64 || endianness() !== 'LE') return null;
    const value = symbolValue(fd, head);
    const anywhere = head.readUInt16LE(16) === ET_DYN;
    return value === null ? null : value + (anywhere ? loadAddress(pid) : 0);
  } finally {
    closeSync(fd);
  }
}

const ET_DYN = 3;
const SHT_SYMTAB = 2;
const SYMBOL_SIZE = 24;

function symbolValue(fd: number, head: Buffer): number | null {
  const size = head.readUInt16LE(58);
  const count = head.readUInt16LE(60);
  const sections = readAt(fd, pointer(head, 40), size * count);
  for (let at = 0; at < sections.length; at += size) {
    if (sections.readUInt32LE(at + 4) !== SHT_SYMTAB) continue;
    const symbols = contents(fd, sections, at);
    const names = contents(fd, sections, sections.readUInt32LE(at + 40) * size);
    const name = names.indexOf(`\0${ROOT_SYMBOL}\0`) + 1;
    if (name === 0) return null;
    for (let one = 0; one < symbols.length; one += SYMBOL_SIZE) {
      if (symbols.readUInt32LE(one) === name) return pointer(symbols, one + 8);
    }
  }
  return null;
}

function contents(fd: number, sections: Buffer, at: number): Buffer {
  return readAt(fd, pointer(sections, at + 24), pointer(sections, at + 32));
}

function loadAddress(pid: number): number {
  const maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
  return Number.parseInt(maps.slice(0, maps.indexOf('-')), 16);
}

function readAt(fd: number, position: number, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  readSync(fd, buffer, 0, size, position);
  return buffer;
}

// Addresses of user space fit into 48 bits.
function pointer(buffer: Buffer, at: number): number {
  return Number(buffer.readBigUInt64LE(at));
}
