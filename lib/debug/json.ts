import type { Dump } from './dumpModel.js';

/** @internal What the page is told. */
export interface PageState extends Omit<Dump, 'time' | 'toString'> {
  readonly time: undefined;
  readonly latency: {
    count: number;
    min: number;
    max: number;
    mean: number;
    percentiles: [percentile: number, ns: number][];
  } | null;
  /** The signals that may be sent from the page. */
  readonly send: readonly string[];
}

/** @internal Times in ns are more than a number holds: as decimal text. */
export function toJson(value: unknown, indent = 0): string {
  const plain = (_: string, one: unknown): unknown => (typeof one === 'bigint' ? String(one) : one);
  return JSON.stringify(value, plain, indent);
}
