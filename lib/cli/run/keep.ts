/**
 * Loaded by each Node below `sigbridge run --keep`, before the application: ignores again what was
 * ignored when Node started, and what Node has set back to the default.
 */
import { isMainThread } from 'node:worker_threads';
import { addon } from '../../base/native/addon.js';
import { check } from '../../base/native/check.js';
import { allSignals, toName } from '../../base/signal/names.js';
import { traits } from '../../base/signal/traits.js';

/** Written by the launcher, native/launch/keep.cc: in hexadecimal, bit n - 1 for signal n. */
const [bits] = /^[0-9a-f]{1,16}$/.exec(process.env['SIGBRIDGE_KEEP'] ?? '') ?? ['0'];
const kept = BigInt(`0x${bits}`);

// Workers load it too, and share the main thread's dispositions.
if (isMainThread) allSignals().filter(isKept).forEach(ignore);

function isKept(number: number): boolean {
  return ((kept >> BigInt(number - 1)) & 1n) === 1n && !breaksNode(number);
}

// child_process would wait for ever; and the faults are what WebAssembly's traps are made of.
function breaksNode(number: number): boolean {
  return traits(number).synchronous || toName(number) === 'SIGCHLD';
}

function ignore(number: number): void {
  check(addon.setIgnored(number, 0), 'sigaction', { signal: toName(number) });
}
