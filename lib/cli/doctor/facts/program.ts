import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** What kind of program a process runs, as far as it matters to its signals. */
export type ProgramKind =
  | 'shell'
  | 'package-runner'
  | 'node'
  | 'deno'
  | 'bun'
  | 'python'
  | 'ruby'
  | 'perl'
  | 'java'
  | 'other';

export interface Program {
  kind: ProgramKind;
  /** The executable's name, such as `'bash'`, `'node'`. */
  name: string;
  /** The command line, or the kernel's name for it in brackets. */
  command: string;
}

/** Programs that start one other and end when it has ended, whatever the terminal's keys send to both. */
const WAITS = new Set(['time', 'strace', 'ltrace', 'go', 'unshare', 'proot', 'make', 'gmake']);
/** First processes of containers, which hand on whatever they get. */
const INITS = ['tini', 'tini-static', 'dumb-init', 'docker-init', 'catatonit', 'sigbridge-run'];
/** It starts each command in a group of its own, and hands on to that whole group what it gets: subprocess-posix.cc. */
const TO_GROUPS = ['ninja', 'samu'];
/** Those that hand on to it what is sent to them alone, too. */
const PASSES = new Set([...['timeout', 'su', 'runuser', 'sudo', 'doas'], ...INITS, ...TO_GROUPS]);

/** Whether it stands and falls with another: `'passes'` of these hands signals on. A conclusion from its name. */
export function waiterOf({ kind, name }: Program): 'waits' | 'passes' | null {
  if (kind === 'package-runner' || PASSES.has(name)) return 'passes';
  return WAITS.has(name) ? 'waits' : null;
}

/**
 * After how many seconds it kills its command that has not ended by what it was handed on; `null` for never.
 * su-common.c of util-linux (two seconds), and shadow's and doas' likewise; timeout(1) where it is told to.
 */
export function forceOf({ name, command }: Program): number | null {
  if (['su', 'runuser', 'doas'].includes(name)) return 2;
  if (name !== 'timeout') return null;
  const [, ...words] = command.split(' ');
  for (let word = words.shift(); word?.startsWith('-') === true; word = words.shift()) {
    const [, given] = /^(?:-[fpv]*k|--kill-after=?)(.*)$/.exec(word) ?? [];
    if (given !== undefined) return secondsOf(given === '' ? words.shift() : given);
    if (/^(-[fpv]*s|--signal)$/.test(word)) words.shift();
  }
  return null;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

function secondsOf(duration = ''): number | null {
  const [, number, unit = ''] = /^([\d.]+)([smhd]?)$/.exec(duration) ?? [];
  return number === undefined ? null : Number(number) * (UNITS[unit] ?? 1);
}

/** Whether it hands on what it gets, a key too, to those whom the key does not reach. */
export function handsKeyOn({ name }: Program): boolean {
  return INITS.includes(name) || handsToGroup({ name });
}

/** Whether more than its child gets what it hands on. */
export function handsToGroup({ name }: Pick<Program, 'name'>): boolean {
  return TO_GROUPS.includes(name);
}

export function isInit({ name }: Program): boolean {
  return INITS.includes(name);
}

const SHELLS = new Set([
  'fish',
  'ksh93',
  'sh',
  'bash',
  'dash',
  'ash',
  'ksh',
  'mksh',
  'zsh',
  'tcsh',
  'busybox',
]);

const RUNNER = /^(npm|npx|yarn|yarnpkg|pnpm|pnpx)(-cli)?(\.c?js)?$/;

const RUNTIMES: readonly [RegExp, ProgramKind][] = [
  [/^node(js)?$/, 'node'],
  [/^deno$/, 'deno'],
  [/^bun$/, 'bun'],
  [/^python[\d.]*$/, 'python'],
  [/^ruby[\d.]*$/, 'ruby'],
  [/^perl[\d.]*$/, 'perl'],
  [/^java$/, 'java'],
];

/** @param fallback the name, where the process has no command line */
export function readProgram(pid: number, fallback: string): Program {
  const argv = commandLine(pid);
  const command = argv.join(' ').trim() || `[${fallback}]`;
  const name = executable(pid) ?? basename((argv[0] ?? fallback).replace(/^-/, ''));
  return { kind: kindOf(name, argv), name, command };
}

function kindOf(name: string, argv: readonly string[]): ProgramKind {
  if (SHELLS.has(name)) return 'shell';
  const runtime = RUNTIMES.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
  return isPackageRunner(argv) ? 'package-runner' : runtime;
}

// npm sets its title, which takes the place of its command line; before, it is node's first argument.
function isPackageRunner([first = '', second = '']: readonly string[]): boolean {
  const title = first.split(' ')[0] ?? '';
  return RUNNER.test(basename(title)) || RUNNER.test(basename(second));
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').split('\0');
  } catch {
    return [];
  }
}

// Of another user's process it is not shown.
function executable(pid: number): string | null {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
  } catch {
    return null;
  }
}
