import fs from 'node:fs';
import path from 'node:path';

import { onTestEnd } from './cleanup';
import { until } from './kernel';

/** A hierarchy of control groups that can freeze: cgroups(7). */
export interface Freezer {
  version: 1 | 2;
  /** Where it is mounted. */
  root: string;
}

const CONTROL = {
  1: {
    file: 'freezer.state',
    freeze: 'FROZEN',
    thaw: 'THAWED',
    shown: /^FROZEN/,
    in: 'freezer.state',
  },
  2: { file: 'cgroup.freeze', freeze: '1', thaw: '0', shown: /^frozen 1$/m, in: 'cgroup.events' },
} as const;

/** Those of this system that this user may make groups in. */
export function freezers(): Freezer[] {
  return fs
    .readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line): Freezer[] => {
      const [place = '', kind = ''] = line.split(' - ');
      const root = place.split(' ')[4] ?? '';
      const [type = '', , options = ''] = kind.split(' ');
      if (type === 'cgroup2') return [{ version: 2, root }];
      const isFreezer = type === 'cgroup' && options.split(',').includes('freezer');
      return isFreezer ? [{ version: 1, root }] : [];
    })
    .filter(({ root }) => isWritable(root));
}

function isWritable(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Freezes a process, until the test ends; `file` is what freezes the group above its own. */
export async function freeze(freezer: Freezer, pid: number): Promise<{ file: string }> {
  const control = CONTROL[freezer.version];
  const home = path.join(freezer.root, 'cgroup.procs');
  const folder = fs.mkdtempSync(path.join(freezer.root, 'sigbridge-test-'));
  const file = path.join(folder, control.file);
  const own = path.join(folder, 'own');
  fs.mkdirSync(own);
  fs.writeFileSync(path.join(own, 'cgroup.procs'), String(pid));
  onTestEnd(() => {
    fs.writeFileSync(file, control.thaw);
    try {
      fs.writeFileSync(home, String(pid));
    } catch {
      // It has ended.
    }
    fs.rmdirSync(own);
    fs.rmdirSync(folder);
  });
  fs.writeFileSync(file, control.freeze);
  const shown = path.join(own, control.in);
  await until(() => control.shown.test(fs.readFileSync(shown, 'utf8')), `${own} to be frozen`);
  return { file };
}
