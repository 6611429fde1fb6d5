import { readElf, type Elf } from '../../core/look/elf.js';
import type { Place } from './model.js';

export interface Mapping {
  from: bigint;
  to: bigint;
  offset: bigint;
  path: string;
}

const files = new Map<string, Elf | null>();

/** An executable or shared object, read once. */
export function elfOf(path: string): Elf | null {
  let elf = files.get(path);
  if (elf === undefined) files.set(path, (elf = readElf(path)));
  return elf;
}

/** The code of one process: what lies where. */
export class Places {
  readonly #mappings: Mapping[] = [];
  readonly #known = new Map<bigint, Place>();

  /** `parent`: the process that this one is a copy of, and may still share its memory with. */
  constructor(readonly parent?: Places) {}

  get modules(): string[] {
    const own = this.#mappings.map(({ path }) => path);
    return [...new Set([...own, ...(this.parent?.modules ?? [])])];
  }

  add(mapping: Mapping): void {
    this.#mappings.push(mapping);
    this.#known.clear();
  }

  /** `isReturn`: the address lies behind the call that is meant. */
  at(address: bigint, isReturn = false): Place {
    let place = this.#known.get(address);
    if (place === undefined) this.#known.set(address, (place = this.#find(address, isReturn)));
    return place;
  }

  mappingOf(address: bigint): Mapping | undefined {
    // What was loaded last is what lies there now.
    const own = this.#mappings.findLast(({ from, to }) => address >= from && address < to);
    return own ?? this.parent?.mappingOf(address);
  }

  #find(address: bigint, isReturn: boolean): Place {
    const shown = `0x${address.toString(16)}`;
    const inside = address - (isReturn ? 1n : 0n);
    const mapping = this.mappingOf(inside);
    if (mapping === undefined) return { address: shown, module: null, symbol: null, offset: 0 };
    return { address: shown, ...placeIn(mapping, Number(inside - mapping.from), isReturn ? 1 : 0) };
  }
}

function placeIn(mapping: Mapping, distance: number, behind: number): Omit<Place, 'address'> {
  const module = mapping.path;
  const inFile = distance + Number(mapping.offset);
  const elf = elfOf(module);
  const address = elf?.addressOf(inFile) ?? null;
  if (elf === null || address === null) return { module, symbol: null, offset: inFile + behind };
  const symbol = elf.symbolAt(address);
  if (symbol === null) return { module, symbol: null, offset: address + behind };
  return { module, symbol: symbol.name, offset: symbol.offset + behind };
}

/** An address of an executable that is loaded where its file says. */
export function placeInFile(path: string, address: bigint): Place {
  const place = { address: `0x${address.toString(16)}`, module: path, symbol: null, offset: 0 };
  const symbol = elfOf(path)?.symbolAt(Number(address)) ?? null;
  if (symbol === null) return { ...place, offset: Number(address) };
  return { ...place, symbol: symbol.name, offset: symbol.offset };
}
