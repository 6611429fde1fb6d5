import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';

/** Nothing is what the signal does, unless it is caught: signal(7), "Standard signals". */
export function ignoredByDefault({ signal, disposition, pid, taker }: Facts): Finding | null {
  if (disposition !== 'default' || signal.action !== 'ignore' || taker !== null) return null;
  return {
    importance: 'prevents',
    title: `it does not catch ${signal.name}, whose default action is to do nothing`,
    evidence: [`/proc/${pid}/status: neither SigIgn nor SigCgt holds ${signal.name}.`],
    remedy: [`Catch it in the program: process.on('${signal.name}', …) in Node.`],
  };
}
