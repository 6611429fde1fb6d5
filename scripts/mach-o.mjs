// Reads what a binary of macOS asks of others: its undefined symbols (<mach-o/loader.h>, <mach-o/nlist.h>).

const MAGIC_64 = 0xfeedfacf;
const HEADER_SIZE = 32;
const LC_SYMTAB = 0x2;
const NLIST_SIZE = 16;
const N_STAB = 0xe0;
const N_TYPE = 0x0e;
/** In the place of a library's number: looked up when it is loaded, wherever it may be. */
const DYNAMIC_LOOKUP = 0xfe;

/** @param {Buffer} binary @returns {{ name: string, isLeftOpen: boolean }[]} */
export function importsOf(binary) {
  if (binary.readUInt32LE(0) !== MAGIC_64) throw new Error('this is no 64-bit Mach-O');
  const commands = binary.readUInt32LE(16);
  for (let i = 0, at = HEADER_SIZE; i < commands; i++, at += binary.readUInt32LE(at + 4)) {
    if (binary.readUInt32LE(at) === LC_SYMTAB) return undefinedIn(binary, at);
  }
  throw new Error('it has no table of symbols');
}

function undefinedIn(binary, command) {
  const [table, count, strings] = [8, 12, 16].map((offset) =>
    binary.readUInt32LE(command + offset),
  );
  const found = [];
  for (let i = 0; i < count; i++) {
    const at = table + i * NLIST_SIZE;
    const type = binary[at + 4];
    if ((type & N_STAB) !== 0 || (type & N_TYPE) !== 0) continue;
    const start = strings + binary.readUInt32LE(at);
    const name = binary.toString('latin1', start, binary.indexOf(0, start));
    found.push({ name, isLeftOpen: binary.readUInt16LE(at + 6) >> 8 === DYNAMIC_LOOKUP });
  }
  return found;
}
