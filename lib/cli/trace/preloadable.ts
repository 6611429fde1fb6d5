import { accessSync, constants, openSync, readSync, closeSync, statSync } from 'node:fs';
import path from 'node:path';
import { elfOf } from './places.js';

/** Why no library can be preloaded into a command; `null` where nothing speaks against it. */
export function whyNotPreloadable(command: string): string | null {
  const file = findExecutable(command);
  // What cannot be found, or read, cannot be started either: the system says so best.
  return file === null ? null : obstacle(file);
}

/** The file that execvp(3) would start. */
export function findExecutable(command: string): string | null {
  if (command.includes('/')) return isExecutable(command) ? command : null;
  const folders = (process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(':');
  const files = folders.map((folder) => path.join(folder === '' ? '.' : folder, command));
  return files.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

// ld.so(8), "Secure-execution mode", and what the loader never sees.
function obstacle(file: string): string | null {
  const privileged = privilege(file);
  if (privileged !== null) return `${file} ${privileged}, so the system preloads nothing into it`;
  const interpreter = interpreterOf(file);
  if (interpreter !== null) {
    const found = findExecutable(interpreter);
    return found === null || found === file ? null : obstacle(found);
  }
  const elf = elfOf(file);
  if (elf === null || elf.dynamic) return null;
  return `${file} is statically linked, so no library can be preloaded into it`;
}

function privilege(file: string): string | null {
  const { mode, uid, gid } = statSync(file);
  if ((mode & 0o4000) !== 0 && uid !== process.getuid?.()) return 'runs as its owner (setuid)';
  if ((mode & 0o2010) === 0o2010 && gid !== process.getgid?.()) return 'runs as its group (setgid)';
  return null;
}

const LONGEST_LINE = 256;

// "#!/usr/bin/env -S node --flag": execve(2), "Interpreter scripts".
function interpreterOf(file: string): string | null {
  const line = firstLine(file);
  if (!line.startsWith('#!')) return null;
  const [interpreter = '', ...args] = line.slice(2).trim().split(/\s+/);
  if (path.basename(interpreter) !== 'env') return interpreter;
  return args.find((word) => !word.startsWith('-') && !word.includes('=')) ?? interpreter;
}

function firstLine(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const bytes = Buffer.alloc(LONGEST_LINE);
    const length = readSync(descriptor, bytes, 0, LONGEST_LINE, 0);
    return bytes.toString('latin1', 0, length).split('\n')[0] ?? '';
  } finally {
    closeSync(descriptor);
  }
}
