import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The control group that keeps a process frozen. cgroups(7) */
export interface Frozen {
  version: 1 | 2;
  /** The file that says so, and what lets the group go on when it is written into it. */
  file: string;
  thaw: string;
}

interface Freezer {
  version: 1 | 2;
  /** Whether what this file of the process's own group holds means that it does not run. */
  effect: { file: string; pattern: RegExp };
  /** The same of the group that was told to freeze: this one, or one above. */
  cause: { file: string; pattern: RegExp };
  control: { file: string; thaw: string };
}

const FREEZERS: Record<'cgroup' | 'cgroup2', Freezer> = {
  cgroup: {
    version: 1,
    effect: { file: 'freezer.state', pattern: /^FROZEN/ },
    cause: { file: 'freezer.self_freezing', pattern: /^1/ },
    control: { file: 'freezer.state', thaw: 'THAWED' },
  },
  cgroup2: {
    version: 2,
    effect: { file: 'cgroup.events', pattern: /^frozen 1$/m },
    cause: { file: 'cgroup.freeze', pattern: /^1/ },
    control: { file: 'cgroup.freeze', thaw: '0' },
  },
};

/** `null` where no control group keeps the process from running. */
export function readFrozen(pid: number): Frozen | null {
  for (const line of read(`/proc/${pid}/cgroup`).trim().split('\n')) {
    const [, controllers = 'none', path = '/'] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    const found =
      controllers === ''
        ? frozenBy('cgroup2', path)
        : controllers.split(',').includes('freezer')
          ? frozenBy('cgroup', path)
          : null;
    if (found !== null) return found;
  }
  return null;
}

function frozenBy(type: 'cgroup' | 'cgroup2', path: string): Frozen | null {
  const mount = mountOf(type);
  const { version, effect, cause, control } = FREEZERS[type];
  if (mount === null) return null;
  const own = mount.folderOf(path);
  if (!effect.pattern.test(read(join(own, effect.file)))) return null;
  let folder = own;
  while (folder !== mount.point && !cause.pattern.test(read(join(folder, cause.file)))) {
    folder = dirname(folder);
  }
  // Told to from above what is mounted here: its own group is what can be named.
  const told = folder === mount.point ? own : folder;
  return { version, file: join(told, control.file), thaw: control.thaw };
}

interface Mount {
  point: string;
  folderOf(path: string): string;
}

// proc_pid_mountinfo(5): the fourth field is what of the hierarchy is seen at the fifth.
function mountOf(type: 'cgroup' | 'cgroup2'): Mount | null {
  for (const line of read('/proc/self/mountinfo').split('\n')) {
    const [place = '', kind = ''] = line.split(' - ');
    const [, , , root = '/', point = '/'] = place.split(' ');
    const [found, , options = ''] = kind.split(' ');
    if (found !== type) continue;
    if (type === 'cgroup' && !options.split(',').includes('freezer')) continue;
    const below = (path: string): string =>
      root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
    return { point, folderOf: (path) => join(point, below(path)) };
  }
  return null;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
