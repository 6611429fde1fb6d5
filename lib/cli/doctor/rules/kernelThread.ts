import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';

/** One of the kernel's own threads: it runs no program, and takes no signal from outside. */
export function kernelThread({ kernelThread: is, pid }: Facts): Finding | null {
  if (!is) return null;
  return {
    importance: 'prevents',
    title: 'it is a thread of the kernel, which no signal ends',
    evidence: [`/proc/${pid}/stat: its flags hold PF_KTHREAD.`],
    remedy: ['Leave it alone: what it does for a process, stops with that process.'],
  };
}
