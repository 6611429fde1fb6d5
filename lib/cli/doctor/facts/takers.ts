import { readFileSync, readdirSync } from 'node:fs';
import { namesIn, targetOf, textOf } from './procFiles.js';

/** By what way a program takes signals that it blocks: `null` for none that can be seen. */
export type Taker = { way: 'signalfd'; fd: number } | { way: 'sigwait'; tid: number } | null;

/** signalfd(2), or sigwaitinfo(2), which leaves the signal unblocked while a thread waits in it. */
export function readTaker(pid: number, signal: number, unblocked: readonly number[]): Taker {
  const fd = signalDescriptor(pid, signal);
  if (fd !== null) return { way: 'signalfd', fd };
  const tid = unblocked.find((one) => waitsIn(pid, one).startsWith('do_sigtimedwait'));
  return tid === undefined ? null : { way: 'sigwait', tid };
}

/** The kernel function that a thread waits in; `''` while it runs, or where that is hidden. */
export function waitsIn(pid: number, tid: number): string {
  try {
    const name = readFileSync(`/proc/${pid}/task/${tid}/wchan`, 'latin1');
    return name === '0' ? '' : name;
  } catch {
    return '';
  }
}

/** The descriptor of the epoll(7) that a thread waits in: proc_pid_syscall(5). */
export function waitsOn(pid: number, tid: number): number | null {
  if (!WAITS_FOR_EVENTS.test(waitsIn(pid, tid))) return null;
  const [, descriptor] = textOf(`/proc/${pid}/task/${tid}/syscall`).split(' ');
  return descriptor === undefined ? null : Number(descriptor);
}

/** `do_epoll_wait`, `ep_poll`: by the kernel's version. */
export const WAITS_FOR_EVENTS = /epoll|ep_poll/;

/** Whether /proc keeps from this user what it keeps from all but a tracer: ptrace(2), PTRACE_MODE_READ. */
export function isHidden(pid: number): boolean {
  try {
    readdirSync(`/proc/${pid}/fd`);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/** Its descriptors for epoll(7): proc_pid_fd(5). Empty where that is hidden. */
export function epollDescriptors(pid: number): number[] {
  const folder = `/proc/${pid}/fd`;
  return namesIn(folder)
    .filter((fd) => targetOf(`${folder}/${fd}`) === 'anon_inode:[eventpoll]')
    .map(Number);
}

// proc_pid_fdinfo(5)
function signalDescriptor(pid: number, signal: number): number | null {
  const folder = `/proc/${pid}/fdinfo`;
  for (const fd of namesIn(folder)) {
    const [, mask] = /^sigmask:\s*([0-9a-f]+)$/m.exec(textOf(`${folder}/${fd}`)) ?? [];
    if (mask !== undefined && (BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) return Number(fd);
  }
  return null;
}
