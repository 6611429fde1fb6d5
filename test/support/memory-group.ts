// A control group that has little memory, of whichever kind of control groups is there.
import fs from 'node:fs';

import { onTestEnd } from './cleanup';

const V1 = '/sys/fs/cgroup/memory';
const V2 = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

interface Kind {
  folder: string;
  /** What takes a process, and what says how much there is. */
  members: string;
  limits: readonly (readonly [file: string, needed: boolean])[];
}

const kind = find();

/** Whether such a group can be made here. */
export const CAN_LIMIT_MEMORY = kind !== null;

/** Makes one; the file to which a process writes its pid to be in it, with all that it starts. */
export function memoryGroup(megabytes: number): string {
  if (kind === null) throw new Error('no control group for memory');
  const folder = `${kind.folder}/sigbridge-${String(process.pid)}`;
  fs.mkdirSync(folder);
  onTestEnd(() => {
    fs.rmdirSync(folder);
  });
  for (const [file, needed] of kind.limits) {
    if (!needed && !fs.existsSync(`${folder}/${file}`)) continue;
    fs.writeFileSync(`${folder}/${file}`, needed ? `${String(megabytes)}M` : '0');
  }
  return `${folder}/${kind.members}`;
}

function find(): Kind | null {
  if (process.getuid?.() !== 0) return null;
  if (isWritable(`${V1}/cgroup.procs`)) {
    return { folder: V1, members: 'cgroup.procs', limits: [['memory.limit_in_bytes', true]] };
  }
  const folder = V2.find((one) => {
    try {
      const file = `${one}/cgroup.subtree_control`;
      fs.writeFileSync(file, '+memory');
      return fs.readFileSync(file, 'utf8').includes('memory');
    } catch {
      return false;
    }
  });
  if (folder === undefined) return null;
  // Swap would put the end off.
  const limits = [
    ['memory.max', true],
    ['memory.swap.max', false],
  ] as const;
  return { folder, members: 'cgroup.procs', limits };
}

function isWritable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
