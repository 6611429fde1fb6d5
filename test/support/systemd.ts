import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { onTestEnd } from './cleanup';

const SCRIPT = path.join(__dirname, 'systemd.sh');

/** Runs commands of sh beside a systemd that has these units, by their names; gives what they write. */
export async function besideSystemd(
  units: Record<string, string>,
  commands: string,
): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-systemd-'));
  onTestEnd(() => {
    fs.rmSync(folder, { recursive: true, force: true });
  });
  fs.mkdirSync(path.join(folder, 'units'));
  for (const [name, text] of Object.entries(units)) {
    fs.writeFileSync(path.join(folder, 'units', name), text);
  }
  const { stdout } = await promisify(execFile)(SCRIPT, [folder, commands], { timeout: 100_000 });
  return stdout;
}
