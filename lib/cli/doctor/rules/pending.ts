import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';

/**
 * It was sent already, and waits: signal(7), "Signal mask and pending signals".
 * @throws ERR_UNSUPPORTED (no native part)
 */
export function pending({ signal, pending: is, sets, threads }: Facts): Finding | null {
  if (!is) return null;
  const own = threads.filter((thread) => thread.pending).map(({ tid }) => tid);
  return {
    importance: 'note',
    title: `${signal.name} has been sent already, and is still pending`,
    evidence: [
      ...(sets.shared.pending.includes(signal.name)
        ? ['/proc/…/status: ShdPnd holds it, for the process.']
        : []),
      ...own.map((tid) => `/proc/…/task/${tid}/status: SigPnd holds it, for that thread alone.`),
    ],
    remedy: [
      'It acts when what keeps it is mended; to send it again before adds nothing, unless it is a ' +
        'real-time signal.',
    ],
  };
}
