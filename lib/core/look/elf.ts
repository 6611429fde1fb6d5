import { closeSync, openSync, readSync } from 'node:fs';

/** What an executable or a shared object says of itself: elf(5), 64 bits, little-endian. */
export interface Elf {
  /** Needs the dynamic loader, which alone can preload a library. */
  readonly dynamic: boolean;
  /** Loaded where the file says, rather than anywhere. */
  readonly fixed: boolean;
  /** Made by Go's compiler, in whole or in part. */
  readonly go: boolean;
  /** What is loaded of it, from where in the file, and to which address. */
  readonly loaded: readonly { offset: number; address: number; size: number }[];
  /** The address, in the file's own counting, of a place in the file; `null` if it is not loaded. */
  addressOf(offset: number): number | null;
  /** The function that the address lies in. */
  symbolAt(address: number): { name: string; offset: number } | null;
  /** Where the function or variable of that name lies; `null` where the file names none. */
  addressNamed(name: string): number | null;
}

const [PT_LOAD, PT_INTERP] = [1, 3];
const [SHT_SYMTAB, SHT_DYNSYM] = [2, 11];
const ET_EXEC = 2;
const SYMBOL = 24;
const [STT_FUNC, STT_GNU_IFUNC] = [2, 10];

interface Segment {
  type: number;
  offset: number;
  address: number;
  size: number;
}

interface Section {
  name: string;
  type: number;
  offset: number;
  size: number;
  link: number;
}

interface Symbols {
  /** Sorted. */
  addresses: Float64Array;
  sizes: Float64Array;
  nameOf: (index: number) => string;
}

/** `null` for what is no such file, or cannot be read. */
export function readElf(path: string): Elf | null {
  try {
    return withFile(path, (read) => parse(path, read));
  } catch {
    return null;
  }
}

type Read = (offset: number, size: number) => Buffer;

function withFile<T>(path: string, use: (read: Read) => T): T {
  const file = openSync(path, 'r');
  try {
    return use((offset, size) => {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, readSync(file, bytes, 0, size, offset));
    });
  } finally {
    closeSync(file);
  }
}

function parse(path: string, read: Read): Elf | null {
  const header = read(0, 64);
  const isElf = header.length === 64 && header.readUInt32BE(0) === 0x7f454c46;
  // Class and byte order.
  if (!isElf || header[4] !== 2 || header[5] !== 1) return null;
  const segments = segmentsOf(header, read);
  const sections = sectionsOf(header, read);
  let symbols: Symbols | null | undefined;
  return {
    dynamic: segments.some(({ type }) => type === PT_INTERP),
    fixed: header.readUInt16LE(16) === ET_EXEC,
    go: sections.some(({ name }) => name === '.go.buildinfo' || name === '.gopclntab'),
    loaded: segments.filter(({ type }) => type === PT_LOAD),
    addressOf(offset) {
      const segment = segments.find(
        (one) => one.type === PT_LOAD && offset >= one.offset && offset < one.offset + one.size,
      );
      return segment === undefined ? null : offset - segment.offset + segment.address;
    },
    symbolAt(address) {
      // Many megabytes in a large executable, and mostly not needed.
      if (symbols === undefined) symbols = withFile(path, (again) => symbolsOf(sections, again));
      return symbols === null ? null : find(symbols, address);
    },
    addressNamed: (name) => withFile(path, (again) => addressNamed(name, sections, again)),
  };
}

function segmentsOf(header: Buffer, read: Read): Segment[] {
  const size = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  const table = read(number(header, 32), size * count);
  return Array.from({ length: count }, (_, index) => {
    const at = index * size;
    return {
      type: table.readUInt32LE(at),
      offset: number(table, at + 8),
      address: number(table, at + 16),
      size: number(table, at + 32),
    };
  });
}

function sectionsOf(header: Buffer, read: Read): Section[] {
  const size = header.readUInt16LE(58);
  const count = header.readUInt16LE(60);
  const table = read(number(header, 40), size * count);
  if (table.length < size * count) return [];
  const raw = Array.from({ length: count }, (_, index) => {
    const at = index * size;
    return {
      nameAt: table.readUInt32LE(at),
      type: table.readUInt32LE(at + 4),
      offset: number(table, at + 24),
      size: number(table, at + 32),
      link: table.readUInt32LE(at + 40),
    };
  });
  const names = raw[header.readUInt16LE(62)];
  const text = names === undefined ? Buffer.alloc(0) : read(names.offset, names.size);
  return raw.map(({ nameAt, ...section }) => ({ ...section, name: textAt(text, nameAt) }));
}

// The full table where the file has one; else what it exports.
function tableOf(sections: Section[], read: Read): { bytes: Buffer; names: Buffer } | null {
  const table =
    sections.find(({ type }) => type === SHT_SYMTAB) ??
    sections.find(({ type }) => type === SHT_DYNSYM);
  const strings = table === undefined ? undefined : sections[table.link];
  if (table === undefined || strings === undefined) return null;
  return { bytes: read(table.offset, table.size), names: read(strings.offset, strings.size) };
}

function addressNamed(name: string, sections: Section[], read: Read): number | null {
  const table = tableOf(sections, read);
  if (table === null) return null;
  const { bytes, names } = table;
  // A name may be the end of a longer one: linkers keep such but once.
  const places = new Set<number>();
  const wanted = `${name}\0`;
  for (let at = names.indexOf(wanted, 0, 'latin1'); at >= 0;) {
    places.add(at);
    at = names.indexOf(wanted, at + 1, 'latin1');
  }
  if (places.size === 0) return null;
  for (let at = 0; at + SYMBOL <= bytes.length; at += SYMBOL) {
    if (places.has(bytes.readUInt32LE(at))) return number(bytes, at + 8);
  }
  return null;
}

function symbolsOf(sections: Section[], read: Read): Symbols | null {
  const table = tableOf(sections, read);
  if (table === null) return null;
  const { bytes, names } = table;
  const found: number[] = [];
  for (let at = 0; at + SYMBOL <= bytes.length; at += SYMBOL) {
    const type = bytes.readUInt8(at + 4) & 0xf;
    const defined = bytes.readUInt16LE(at + 6) !== 0;
    if (defined && (type === STT_FUNC || type === STT_GNU_IFUNC)) found.push(at);
  }
  found.sort((a, b) => number(bytes, a + 8) - number(bytes, b + 8));
  return {
    addresses: Float64Array.from(found, (at) => number(bytes, at + 8)),
    sizes: Float64Array.from(found, (at) => number(bytes, at + 16)),
    nameOf: (index) => textAt(names, bytes.readUInt32LE(found[index] ?? 0)),
  };
}

function find({ addresses, sizes, nameOf }: Symbols, address: number): ReturnType<Elf['symbolAt']> {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((addresses[middle] ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  // A function may have several names: of those at one address, the last one that reaches so far.
  for (let index = low - 1; index >= 0 && index > low - 8; index--) {
    const offset = address - (addresses[index] ?? 0);
    const size = sizes[index] ?? 0;
    // Written in assembly, functions have no size.
    if (offset < size || (size === 0 && index === low - 1)) return { name: nameOf(index), offset };
  }
  return null;
}

function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end);
}

// Addresses and sizes stay far below 2^53.
function number(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
