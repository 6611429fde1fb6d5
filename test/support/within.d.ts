import type * as Sigbridge from 'sigbridge';

export function until(done: () => boolean): Promise<void>;
export function stateOf(sigbridge: typeof Sigbridge): string;
export function codesOf(attempts: readonly (() => unknown)[]): (string | null)[];
export function sendSelf(sigbridge: typeof Sigbridge, signal: string | number, value: number): void;
