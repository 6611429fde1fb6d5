const UNITS: readonly [ns: number, unit: string][] = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
];

/** Three digits say enough. */
export function duration(ns: number): string {
  const [size, unit] = UNITS.find(([least]) => ns >= least) ?? [1, 'ns'];
  const value = ns / size;
  return `${value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))} ${unit}`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

export function sum(values: readonly number[]): number {
  return values.reduce((one, other) => one + other, 0);
}
