import { basename } from 'node:path';
import { readElf, type Elf } from '../../core/look/elf.js';
import { readMappings } from '../doctor/facts/memory.js';

const MOST_KNOWN = 1024;

/** @internal Names handlers by where they lie in a process: `uv__signal_handler (node)`. */
export class Handlers {
  readonly #known = new Map<string, string>();
  readonly #files = new Map<string, Elf | null>();

  at(pid: number, address: bigint): string {
    const key = `${pid}:${address}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#look(pid, Number(address)) ?? `0x${address.toString(16)}`;
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(key, found);
    return found;
  }

  /** It runs another program from now on. */
  forget(pid: number): void {
    for (const key of this.#known.keys()) {
      if (key.startsWith(`${pid}:`)) this.#known.delete(key);
    }
  }

  #look(pid: number, address: number): string | null {
    const mapping = readMappings(pid).find(({ start, end }) => start <= address && address < end);
    if (mapping === undefined || mapping.path === '') return null;
    const { start, offset, path } = mapping;
    const inFile = address - start + offset;
    const symbol = symbolIn(this.#file(pid, path), inFile);
    return `${symbol ?? `+0x${inFile.toString(16)}`} (${basename(path)})`;
  }

  // As the process sees it: in a container the same path may be another file.
  #file(pid: number, path: string): Elf | null {
    const full = `/proc/${pid}/root${path}`;
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    if (this.#files.size >= MOST_KNOWN) this.#files.clear();
    const read = readElf(full);
    this.#files.set(path, read);
    return read;
  }
}

// The file is read when it is asked, and the process may have ended by then.
function symbolIn(elf: Elf | null, offset: number): string | null {
  try {
    const address = elf?.addressOf(offset) ?? null;
    return address === null ? null : (elf?.symbolAt(address)?.name ?? null);
  } catch {
    return null;
  }
}
