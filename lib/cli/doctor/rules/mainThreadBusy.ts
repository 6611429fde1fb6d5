import type { Finding } from '../Cause.js';
import { isInterpreter, type Facts } from '../facts/Facts.js';
import { percent } from '../words.js';

const FULL = 0.9;

/** Where an interrupted call gives way to the handler, and goes on afterwards. */
const GIVES_WAY =
  /nanosleep|pause|poll|select|epoll|do_wait$|pipe_read|wait_woken|futex|sigsuspend|sigtimedwait|accept|recv|stream_read/;

/**
 * Python, Ruby and Perl: the handler takes a note, which the main thread acts on between two steps of the program.
 * A step may take long (a call into C), and a wait may not give way; neither is seen from outside.
 */
export function mainThreadBusy(facts: Facts): Finding | null {
  const { activity, disposition, program, stat, frozen, receiver } = facts;
  if (activity === null || receiver === null || disposition !== 'caught' || !isInterpreter(program))
    return null;
  if (frozen !== null || stat.state === 'T' || stat.state === 't') return null;
  const { thread, watchedMs, ran, wanted, waits, waitsIn, state } = activity;
  const ms = Math.round(watchedMs);
  if (state === 'S' && waits === 0 && GIVES_WAY.test(waitsIn)) return waitsBesideLoop(facts);
  // What comes and goes has steps; the lock of the interpreter is waited for in short turns too.
  const locked = state === 'S' && waitsIn.includes('futex') && !takesLongTurns(facts);
  if (wanted < FULL && !locked && state !== 'D' && waits > 0) return null;
  return {
    importance: 'unknown',
    title:
      'its main thread works without a pause, and whether between steps of its own or inside one long call is not seen',
    evidence: [
      `Thread ${thread.tid} has run ${percent(ran)} of ${ms} ms, and has waited for something ${waits} times.`,
      ...(waitsIn === '' ? [] : [`It waits in the kernel's ${waitsIn}.`]),
    ],
    conclusions: [
      'The handler of such a language only takes a note, which the main thread acts on before its next step.',
    ],
    remedy: [
      `Python: py-spy dump --pid ${facts.pid} shows where it is; in one long call of C, or in a callback of asyncio ` +
        'that does not end, nothing of the program hears the signal.',
    ],
  };
}

/** The lock of Python is asked for every 5 ms, sys.getswitchinterval(): who wakes more seldom waits for something of its own. */
function takesLongTurns({ activity, program }: Facts): boolean {
  if (program.kind !== 'python' || activity === null) return false;
  return activity.waits < activity.watchedMs / 50;
}

/** An event loop of asyncio hears signals, too, only when it comes round. */
function waitsBesideLoop({ activity, program, epolls, pid }: Facts): Finding | null {
  if (program.kind !== 'python' || epolls.length === 0 || activity === null) return null;
  if (/epoll|ep_poll/.test(activity.waitsIn)) return null;
  return {
    importance: 'unknown',
    title: 'it has an event loop, which its main thread does not wait in',
    evidence: [
      `/proc/${pid}/fd: ${epolls.join(', ')} is an epoll descriptor.`,
      `Thread ${activity.thread.tid} has waited for ${Math.round(activity.watchedMs)} ms in the kernel's ${activity.waitsIn}.`,
    ],
    conclusions: [
      'A handler of signal.signal() runs; one of asyncio’s add_signal_handler() only when its loop turns.',
    ],
    remedy: [`py-spy dump --pid ${pid} shows where it is.`],
  };
}
