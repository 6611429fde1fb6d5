import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { isInit } from '../facts/program.js';
import { keyOf } from '../keys.js';
import { fallsWith } from '../outcome.js';

/** No key can reach it: setsid(2), and what has been started by a daemon. */
export function noTerminal(facts: Facts): Finding | null {
  const { terminal, signal, route, pid, program } = facts;
  if (terminal !== null || signal.key === null) return null;
  // An init may have left the terminal to its child, with which it ends.
  if (route === 'key' && isInit(program) && fallsWith(facts)) return null;
  return {
    importance: route === 'key' ? 'prevents' : 'note',
    title: `it has no controlling terminal, so ${keyOf(facts)} cannot reach it`,
    evidence: [`/proc/${pid}/stat: tty_nr is 0.`],
    remedy: [
      `Send the signal: kill -${signal.name.slice(3)} ${pid}`,
      'In a container: docker run -it, and docker exec -it, give a terminal.',
    ],
  };
}
