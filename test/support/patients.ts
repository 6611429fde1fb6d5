import {
  execFile,
  execFileSync,
  spawn,
  type ChildProcess,
  type SpawnOptions,
} from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import {
  diagnose,
  type Cause,
  type DiagnoseOptions,
  type Diagnosis,
} from '../../lib/cli/doctor/index';
import { onTestEnd } from './cleanup';
import { guarded } from './guard';
import { until } from './kernel';
import { killQuietly } from './kill';

const ROOT = path.join(__dirname, '../..');
export const MAIN = path.join(ROOT, 'dist/cli/main.js');

export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

/** The command where every user can read it, as a checkout's folder need not be. */
export function readableMain(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-readable-'));
  onTestEnd(() => {
    fs.rmSync(folder, { recursive: true });
  });
  for (const part of ['dist', 'native/index.js', 'build/Release/sigbridge.node', 'package.json']) {
    fs.cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  }
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  return path.join(folder, 'dist/cli/main.js');
}

/** Runs `sigbridge doctor`; `user` runs it as somebody else, which takes root. */
export async function doctor(args: readonly unknown[], user?: number): Promise<Answer> {
  const main = user === undefined ? MAIN : readableMain();
  const argv = [main, 'doctor', ...args.map(String)];
  const options = user === undefined ? {} : { uid: user, gid: user };
  return new Promise((resolve) => {
    execFile(process.execPath, argv, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

export interface Judgement extends Diagnosis {
  /** The causes' rules, the most important first. */
  rules: string[];
  cause(rule: string): Cause;
}

/** What the doctor says about a process and a signal. */
export async function diagnosed(
  pid: number,
  signal: string,
  options: Pick<DiagnoseOptions, 'by'> = {},
): Promise<Judgement> {
  return judgement(await diagnose(pid, { signal, ...options }));
}

/** The same, asked by another user, which takes root. */
export async function asUser(user: number, pid: number, signal: string): Promise<Judgement> {
  const { stdout, stderr } = await doctor([pid, '--signal', signal, '--json'], user);
  if (stdout === '') throw new Error(`doctor says: ${stderr}`);
  return judgement(JSON.parse(stdout) as Diagnosis);
}

function judgement(found: Diagnosis): Judgement {
  return {
    ...found,
    rules: found.causes.map(({ rule }) => rule),
    cause(rule) {
      const cause = found.causes.find((one) => one.rule === rule);
      if (cause === undefined) throw new Error(`no ${rule} in ${JSON.stringify(found, null, 1)}`);
      return cause;
    },
  };
}

/** How a process ended, as its parent sees it. */
export interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Patient {
  pid: number;
  end: Promise<End>;
  child: ChildProcess;
}

/** Starts a program that does not outlive the test; with `says`, waits until it has said so. */
export async function start(
  [command, ...argv]: readonly [string, ...string[]],
  { says, ...options }: SpawnOptions & { says?: string } = {},
): Promise<Patient> {
  const child = spawn(command, argv, { stdio: ['pipe', 'pipe', 'ignore'], ...options });
  const pid = child.pid ?? 0;
  onTestEnd(() => {
    killQuietly(pid);
  });
  const closed = once(child, 'exit').then(([code, signal]): End => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  let text = '';
  const said = new Promise<void>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (says !== undefined && text.includes(says)) resolve();
    });
  });
  if (says !== undefined) await guarded(said, () => `${command} to say ${says}`);
  return { pid, child, end: guarded(closed, () => `the end of ${command}`) };
}

/** Waits until the process has become this program, by `exec`. */
export async function untilNamed(pid: number, name: string): Promise<void> {
  await until(() => nameOf(pid) === name, `process ${String(pid)} to be ${name}`);
}

/** The main thread waits in a kernel function of such a name. */
export async function untilWaitsIn(pid: number, name: RegExp): Promise<void> {
  const waits = (): boolean => name.test(read(`/proc/${String(pid)}/wchan`));
  await until(waits, `process ${String(pid)} to wait in ${String(name)}`);
}

/** The first child that runs this program, as soon as there is one. */
export async function childOf(pid: number, name: string): Promise<number> {
  let found = 0;
  const seen = (): boolean => {
    found = children(pid).find((one) => nameOf(one) === name) ?? 0;
    return found > 0;
  };
  await until(seen, `a ${name} below process ${String(pid)}`);
  onTestEnd(() => {
    killQuietly(found);
  });
  return found;
}

function children(parent: number): number[] {
  const pids = fs.readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => {
    const [, rest = ''] = /^.*\) (.*)$/s.exec(read(`/proc/${String(pid)}/stat`)) ?? [];
    return Number(rest.split(' ')[1]) === parent;
  });
}

function nameOf(pid: number): string {
  return read(`/proc/${String(pid)}/comm`).trim();
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
