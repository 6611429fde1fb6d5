// The memory of another process, read without stopping it: what stands there may change meanwhile, so
// whoever reads checks what was found. It takes the permission of ptrace(2), "PTRACE_MODE_ATTACH".
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { readElf, type Elf } from '../../../core/look/elf.js';

/** Reads at an address of another process. @throws where nothing is mapped there */
export interface Memory {
  bytes(address: number, size: number): Buffer;
  int(address: number): number;
  /** Addresses of user space fit into 48 bits. */
  pointer(address: number): number;
}

/** `null` where its memory may not be read, or `use` found something else than it had expected. */
export function withMemory<T>(pid: number, use: (memory: Memory) => T): T | null {
  let fd: number;
  try {
    fd = openSync(`/proc/${pid}/mem`, 'r');
  } catch {
    return null;
  }
  const bytes = (address: number, size: number): Buffer => {
    const buffer = Buffer.alloc(size);
    if (readSync(fd, buffer, 0, size, address) !== size) throw new Error('short read');
    return buffer;
  };
  const int = (address: number): number => bytes(address, 4).readInt32LE(0);
  const pointer = (address: number): number => Number(bytes(address, 8).readBigUInt64LE(0));
  try {
    return use({ bytes, int, pointer });
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}

/** A stretch of memory: proc_pid_maps(5). */
export interface Mapping {
  start: number;
  end: number;
  writable: boolean;
  offset: number;
  /** Of the file that lies there; `''` for none. */
  path: string;
}

/** Empty where it may not be read. */
export function readMappings(pid: number): Mapping[] {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [, start = '', end = '', access = '', offset = '', path = ''] =
      /^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) \S+ \d+\s*(.*)$/.exec(line) ?? [];
    if (start === '') return [];
    const number = (hex: string): number => Number.parseInt(hex, 16);
    const range = { start: number(start), end: number(end), offset: number(offset) };
    return [{ ...range, writable: access[1] === 'w', path }];
  });
}

/** An executable or library in the memory of a process, and where its names lie there. */
export interface Module {
  path: string;
  /** `null` where the file does not name it. */
  addressNamed(name: string): number | null;
}

/** The executable; `null` where it cannot be read. */
export function executableOf(pid: number, mappings: readonly Mapping[]): Module | null {
  const elf = readElf(`/proc/${pid}/exe`);
  if (elf === null) return null;
  try {
    return moduleOf(elf, readlinkSync(`/proc/${pid}/exe`), mappings);
  } catch {
    return null;
  }
}

/** The library of a path, or the first whose path is such; `null` for none. */
export function libraryOf(
  pid: number,
  mappings: readonly Mapping[],
  wanted: string | RegExp,
): Module | null {
  const isWanted = (path: string): boolean =>
    typeof wanted === 'string' ? path === wanted : wanted.test(path);
  const mapping = mappings.find((one) => isWanted(one.path));
  const elf = mapping === undefined ? null : readElf(fileOf(pid, mapping));
  return mapping === undefined || elf === null ? null : moduleOf(elf, mapping.path, mappings);
}

const DELETED = ' (deleted)';

/** Without what /proc says of a file that has been removed or replaced meanwhile, as by an update. */
export function pathOf({ path }: Mapping): string {
  return path.endsWith(DELETED) ? path.slice(0, -DELETED.length) : path;
}

// As the process sees it: in a container the same path may be another file, as it may after an update.
function fileOf(pid: number, { path, start, end }: Mapping): string {
  if (!path.endsWith(DELETED)) return `/proc/${pid}/root${path}`;
  return `/proc/${pid}/map_files/${start.toString(16)}-${end.toString(16)}`;
}

function moduleOf(elf: Elf, path: string, mappings: readonly Mapping[]): Module | null {
  const first = mappings.find((one) => one.path === path && one.offset === 0);
  if (first === undefined) return null;
  const base = elf.fixed ? 0 : first.start;
  return {
    path,
    addressNamed(name) {
      const address = elf.addressNamed(name);
      return address === null ? null : base + address;
    },
  };
}
