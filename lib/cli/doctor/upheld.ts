import { readlinkSync } from 'node:fs';
import { readStatus } from '../../core/look/status.js';
import type { Facts, Fall } from './facts/Facts.js';
import { forceOf } from './facts/program.js';

/**
 * Those that the key reaches and with whose end a process may end: the leader of the terminal's session, whose end has
 * the kernel send SIGHUP to the foreground group (disassociate_ctty() in drivers/tty/tty_jobctrl.c), and the first
 * process of its pid namespace, whose end is that of all in it: pid_namespaces(7). And its parent, where that kills whom the
 * signal does not end.
 */
export function upheldBy({
  stat,
  pid,
  foreground,
  ancestors,
}: Facts): Pick<Fall, 'with' | 'way'>[] {
  const [parent] = ancestors;
  if (parent !== undefined && forceOf(parent) !== null) return [{ with: parent, way: 'force' }];
  // Who is not in the foreground gets neither the key nor the hang-up.
  if (stat.group !== stat.foreground) return [];
  const others = foreground.filter((one) => one.pid !== pid);
  const leader = others.find((one) => one.pid === stat.session);
  const first = others.find((one) => isFirst(one.pid) && spaceOf(one.pid) === spaceOf(pid));
  return [
    ...(first === undefined ? [] : [{ with: first, way: 'container' as const }]),
    ...(leader === undefined ? [] : [{ with: leader, way: 'terminal' as const }]),
  ];
}

function isFirst(pid: number): boolean {
  try {
    return readStatus(`/proc/${pid}`).text('NSpid').split(/\s+/).at(-1) === '1';
  } catch {
    return false;
  }
}

function spaceOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}
