import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { nameOf } from '../words.js';

/** A debugger sees each signal first, and may keep it: ptrace(2), "Signal-delivery-stop". */
export function traced({ tracer, stat, signal, pid }: Facts): Finding | null {
  if (tracer === null) return null;
  const held = stat.state === 't';
  // These look on; a debugger keeps what it was told to, SIGINT by default.
  const passes = /^(\S*\/)?(strace|ltrace|rr|valgrind|proot)( |$)/.test(tracer.command);
  const kills = signal.name === 'SIGKILL';
  return {
    importance: kills ? 'note' : held ? 'prevents' : passes ? 'warning' : 'unknown',
    title: held
      ? `it is held by its tracer, ${nameOf(tracer)}`
      : `it is traced by ${nameOf(tracer)}, which sees each signal first`,
    evidence: [
      `/proc/${pid}/status: TracerPid is ${tracer.pid}.`,
      ...(held ? [`/proc/${pid}/stat: state t, stopped by its tracer.`] : []),
    ],
    remedy: [
      'Let the tracer go on, or detach it: continue or detach in gdb; end strace.',
      `gdb keeps SIGINT for itself, unless told: handle ${signal.name} nostop pass.`,
    ],
    culprit: tracer,
  };
}
