import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import type { ActionChange, Change, Trace } from '../../lib/cli/trace/model';
import { onTestEnd } from './cleanup';
import { Program } from './program';

export const MAIN = path.join(__dirname, '../../dist/cli/main.js');

export interface Traced {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  trace: Trace;
}

/** A folder for the current test. */
export function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-test-'));
  onTestEnd(() => {
    fs.rmSync(made, { recursive: true, force: true });
  });
  return made;
}

/** Runs `sigbridge trace` on a command, by `wrapper` if need be; what it writes goes into a file beside. */
export function traced(
  command: readonly string[],
  options: readonly string[] = [],
  {
    wrapper = [],
    env,
    ...settings
  }: { wrapper?: string[]; env?: NodeJS.ProcessEnv; input?: string; cwd?: string } = {},
): Traced {
  const output = path.join(folder(), 'trace.json');
  const trace = [MAIN, 'trace', '--json', '--output', output, ...options, '--', ...command];
  const [program = '', ...argv] = [...wrapper, process.execPath, ...trace];
  const { status, signal, stdout, stderr } = spawnSync(program, argv, {
    encoding: 'utf8',
    ...settings,
    env: { ...process.env, ...env },
  });
  const text = fs.existsSync(output) ? fs.readFileSync(output, 'utf8') : 'null';
  return { status, signal, stdout, stderr, trace: JSON.parse(text) as Trace };
}

/** The same of a command that goes on, to be talked to. */
export function tracing(
  command: readonly string[],
  options: readonly string[] = [],
): { program: Program; read: () => Trace } {
  const output = path.join(folder(), 'trace.json');
  const argv = [MAIN, 'trace', '--json', '--output', output, ...options, '--', ...command];
  const program = new Program(
    spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'pipe'], env: process.env }),
  );
  return { program, read: () => JSON.parse(fs.readFileSync(output, 'utf8')) as Trace };
}

/** Those of the changes that are of signals' actions. */
export function actions(changes: readonly Change[]): ActionChange[] {
  return changes.filter((change): change is ActionChange => change.kind === 'action');
}

/** `default -> first`, for a short look. */
export function brief({ from, to, ...change }: Change): string {
  const word = (state: Change['from']): string => {
    if (state === null) return '?';
    if (Array.isArray(state)) return `[${state.join(' ')}]`;
    if ('enabled' in state) return state.enabled ? `${state.size} bytes` : 'none';
    return state.handler?.symbol ?? state.disposition;
  };
  const subject = change.kind === 'action' ? ` ${change.signal}` : '';
  return `${change.call}${subject}: ${word(from)} -> ${word(to)}`;
}
