import type { ThreadSignals } from '../core/look/process.js';
import type { ProcessState } from './target.js';

const DOING: Record<string, string> = {
  R: 'running',
  S: 'sleeping',
  D: 'in the kernel, uninterruptible',
  T: 'stopped',
  t: 'stopped by a debugger',
};

/** All that matters of a process's state, as lines for people. */
export function describe(state: ProcessState): string {
  return [
    `${state.command} (process ${state.pid}, ${DOING[state.state] ?? state.state})`,
    `  ignored  ${list(state.ignored)}`,
    `  caught   ${list(state.caught)}`,
    `  pending  ${list(state.shared.pending)}`,
    ...alike(state.threads).map(lineOf),
  ].join('\n');
}

// A runtime has many threads, and most of them are alike.
function alike(threads: readonly ThreadSignals[]): ThreadSignals[][] {
  const groups = new Map<string, ThreadSignals[]>();
  for (const thread of threads) {
    const key = [thread.blocked, thread.pending].join();
    groups.set(key, [...(groups.get(key) ?? []), thread]);
  }
  return [...groups.values()];
}

function lineOf(threads: readonly ThreadSignals[]): string {
  const [{ blocked, pending } = { blocked: [], pending: [] }] = threads;
  const who = threads.map(({ tid, name }) => `${tid} (${name})`).join(', ');
  return `  ${threads.length === 1 ? 'thread' : 'threads'} ${who}: blocked ${list(blocked)}; pending ${list(pending)}`;
}

function list(names: readonly string[]): string {
  return names.join(' ') || 'nothing';
}
