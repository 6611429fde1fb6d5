import { readRelative, type Relative } from './ancestors.js';
import { pidsWhere, type ProcessTable } from './processTable.js';
import { namesIn, targetOf, textOf } from './procFiles.js';

/** A pseudo-terminal that a process has made, and what runs in its foreground. */
export interface Relay {
  path: string;
  fd: number;
  foreground: Relative[];
}

/** `null` for a process that has nobody below it on a terminal whose other side it holds: pty(7), `/dev/ptmx`. */
export function readRelay(pid: number, table: ProcessTable): Relay | null {
  const folder = `/proc/${pid}/fd`;
  for (const fd of namesIn(folder)) {
    if (!/(\/ptmx|^\/dev\/pts\/ptmx)$/.test(targetOf(`${folder}/${fd}`))) continue;
    // proc_pid_fdinfo(5), since Linux 4.14.
    const [, index] = /^tty-index:\s*(\d+)$/m.exec(textOf(`/proc/${pid}/fdinfo/${fd}`)) ?? [];
    if (index === undefined) continue;
    const device = deviceOf(Number(index));
    const members = pidsWhere(
      table,
      (stat) => stat.terminal === device && stat.group === stat.foreground && stat.state !== 'Z',
    );
    // The descriptor alone may have been inherited: who has made a terminal has somebody on it.
    if (!members.some((one) => isBelow(one, pid, table))) continue;
    const foreground = members.flatMap((one) => readRelative(one, table) ?? []);
    return { path: `/dev/pts/${index}`, fd: Number(fd), foreground };
  }
  return null;
}

function isBelow(pid: number, ancestor: number, table: ProcessTable): boolean {
  for (let one = table.get(pid)?.parent ?? 0; one > 0; one = table.get(one)?.parent ?? 0) {
    if (one === ancestor) return true;
  }
  return false;
}

// Unix98 pseudo-terminals: majors 136 to 143, as proc_pid_stat(5) packs them.
function deviceOf(index: number): number {
  const major = 136 + Math.floor(index / 256);
  return (major << 8) | (index % 256);
}
