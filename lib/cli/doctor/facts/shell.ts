// What a shell is about: whether it waits for a command, when it looks at signals. Tried with bash 5.2, dash, zsh
// and busybox: a shell runs a trap, and looks at SIGINT, once the command that it waits for has ended; in its
// builtin wait it does so at once.
import { readFileSync } from 'node:fs';
import { readStatus } from '../../../core/look/status.js';
import { executableOf, readMappings, withMemory, type Module } from './memory.js';
import { waitsIn } from './takers.js';

export interface Shell {
  /**
   * `'command'`: for a command to end; `'builtin'`: in its builtin wait; `'no'`: it works, or reads;
   * `null`: that is not seen.
   */
  waits: 'command' | 'builtin' | 'no' | null;
  /** Whether a trap is set for the signal; `null` where that is not seen. */
  trap: boolean | null;
  /** Whether it was told to ignore it: trap ''. */
  trapped?: 'ignored';
  /** What it has last started in the background: `$!`. */
  background?: number;
}

/** @param name the executable's */
export function readShell(pid: number, name: string, signal: number): Shell {
  const where = waitsIn(pid, pid);
  if (name === 'bash') return readBash(pid, signal, where) ?? { waits: null, trap: null };
  const status = readStatus(`/proc/${pid}`);
  if (status.text('State').startsWith('R')) return { waits: 'no', trap: null };
  if (name === 'zsh') return readZsh(pid, signal, where, status.set('SigBlk'));
  // These wait in one way for commands and in their builtin, and catch more than they have traps for.
  if (name === 'mksh') {
    const waits = isSuspended(where) ? !mayWait(pid) : isSubstituting(pid, where);
    return { waits: waits ? 'command' : null, trap: null };
  }
  if (/^(ksh|ksh93)$/.test(name)) {
    // ksh blocks SIGINT while a command runs, as zsh does.
    return { waits: status.set('SigBlk').includes('SIGINT') ? 'command' : null, trap: null };
  }
  if (name === 'fish')
    return { waits: signal === SIGINT && where !== '' ? 'command' : null, trap: null };
  // It sleeps in sigsuspend(2) either way, blocks SIGINT there while a command runs, and acts on all others at once.
  if (name === 'tcsh' && isSuspended(where)) {
    const later = signal === SIGINT && status.set('SigBlk').includes('SIGINT');
    return { waits: later ? 'command' : 'builtin', trap: null };
  }
  if (name === 'tcsh') return { waits: where === '' ? null : 'no', trap: null };
  // dash and busybox wait for a command in wait4(2), and for others in sigsuspend(2).
  const trap = mayTrap(pid) ? null : false;
  if (where === 'do_wait') return { waits: 'command', trap };
  if (isSuspended(where)) return { waits: 'builtin', trap };
  if (isSubstituting(pid, where)) return { waits: 'command', trap };
  return { waits: where === '' || where.includes('pipe_read') ? null : 'no', trap };
}

/** Whether it takes in what a command writes, `$(…)`: no builtin of it reads. */
function isSubstituting(pid: number, where: string): boolean {
  return where.includes('pipe_read') && !/\bread\b/.test(textOf(pid) ?? 'read');
}

// Who names no trap anywhere in what it runs, and reads no other text, has set none.
function mayTrap(pid: number): boolean {
  return /\btrap\b/.test(textOf(pid) ?? 'trap');
}

// Nor is such a one in its builtin wait, nor in the foreground's way by job control.
function mayWait(pid: number): boolean {
  return /\b(wait|set)\b/.test(textOf(pid) ?? 'wait');
}

/** What a script runs; `null` where that is not seen, or where it reads further text. */
function textOf(pid: number): string | null {
  const argv = readText(`/proc/${pid}/cmdline`).split('\0');
  const option = argv.findIndex((one) => /^-[a-z]*c$/.test(one));
  const file = argv.slice(1).find((one) => !one.startsWith('-') && one !== 'sh' && one !== 'ash');
  const inside = file?.startsWith('/') === true ? 'root' : 'cwd';
  const text = option < 0 ? readText(`/proc/${pid}/${inside}/${file}`) : (argv[option + 1] ?? '');
  return text === '' || /\b(eval|source)\b|(^|[\s;&|(])\.\s/.test(text) ? null : text;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

// bash exports its variables to loadable builtins: all have names.
function readBash(pid: number, signal: number, where: string): Shell | null {
  const bash = executableOf(pid, readMappings(pid));
  if (bash === null) return null;
  return withMemory(pid, (memory) => {
    const names = ['executing_builtin', 'waiting_for_child', 'this_shell_builtin', 'trap_list'];
    const [builtin, waiting, current, traps] = names.map((name) => bash.addressNamed(name));
    if (builtin == null || waiting == null || current == null || traps == null) return null;
    const text = memory.pointer(traps + 8 * signal);
    const trap = isTrap(text, bash);
    const last = bash.addressNamed('last_asynchronous_pid');
    const background = last === null ? {} : { background: memory.int(last) };
    const trapped = text === IGNORED ? ({ trapped: 'ignored' } as const) : {};
    const inBuiltin = memory.int(builtin) > 0;
    if (memory.int(waiting) > 0) {
      const isWait = inBuiltin && memory.pointer(current) === bash.addressNamed('wait_builtin');
      return { waits: isWait ? 'builtin' : 'command', trap, ...trapped, ...background };
    }
    // What $(…) writes is read by bash itself, and by no builtin.
    return {
      waits: !inBuiltin && where.includes('pipe_read') ? 'command' : 'no',
      trap,
      ...trapped,
      ...background,
    };
  });
}

// trap.h: DEFAULT_SIG is 0, IMPOSSIBLE_TRAP_HANDLER a function; else it is the text of the trap.
const IGNORED = 1;

function isTrap(text: number, bash: Module): boolean {
  return text > IGNORED && text !== bash.addressNamed('initialize_traps');
}

// zsh sleeps in sigsuspend(2) either way, but puts traps off while a command runs: queue_traps() in its signals.c. SIGINT
// waits then where no trap is set for it.
function readZsh(pid: number, signal: number, where: string, blocked: readonly string[]): Shell {
  const zsh = executableOf(pid, readMappings(pid));
  const [traps, later] = ['sigtrapped', 'trap_queueing_enabled'].map(
    (variable) => zsh?.addressNamed(variable) ?? null,
  );
  const read = (at: number | null | undefined): number | null =>
    at == null ? null : withMemory(pid, (memory) => memory.int(at));
  const flags = read(traps == null ? null : traps + 4 * signal);
  const trap = flags === null ? null : isZshTrap(flags);
  if (!isSuspended(where)) return { waits: where === '' ? null : 'no', trap };
  if (blocked.includes('SIGINT')) return { waits: 'command', trap };
  const putsOff = read(later);
  return { waits: putsOff === null ? null : putsOff > 0 ? 'command' : 'builtin', trap };
}

const SIGINT = 2;

function isSuspended(where: string): boolean {
  return where.includes('sigsuspend');
}

// zsh.h: ZSIG_TRAPPED is 1, ZSIG_IGNORED 2, ZSIG_FUNC 4.
function isZshTrap(flags: number): boolean {
  return (flags & 5) !== 0 && (flags & 2) === 0;
}
