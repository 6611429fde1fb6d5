import type { Finding, Importance } from '../Cause.js';
import type { Below, Effect, Facts } from '../facts/Facts.js';
import { isMereCharacter, modeOf } from '../facts/mode.js';
import { keyOf } from '../keys.js';
import { listed, nameOf } from '../words.js';

/** Clients whose terminal is made on another machine, or by a daemon: the program inside is not seen from here. */
const REMOTE =
  /^(ssh|mosh-client|docker|podman|nerdctl|kubectl|oc|crictl|machinectl|lxc|telnet|tmux|screen)/;

/** It hands each key on to a terminal of its own making, which then sends the signal there: ssh, script, tmux. */
export function relay(facts: Facts): Finding | null {
  const { route, terminal, pid, relay: own, program, below } = facts;
  if (route !== 'key' || !terminal?.keys || !isMereCharacter(facts)) return null;
  // Only who reads single keys can hand them on.
  if (terminal.keys.lines) return null;
  const key = keyOf(facts);
  if (own !== null && own.path !== terminal.path) {
    const inside = own.foreground.map(nameOf);
    const [first] = own.foreground;
    return {
      importance: importanceOf(below),
      title: `it hands ${key} on to ${own.path}${inside.length === 0 ? '' : `, where ${listed(inside)} ${inside.length === 1 ? 'is' : 'are'} in the foreground`}`,
      evidence: [modeOf(facts), `/proc/${pid}/fd/${own.fd} is the other side of ${own.path}.`],
      conclusions: [
        `${key} is for the program inside: the terminal there sends the signal.`,
        ...below.map(
          ({ child, effect, because }) => `${nameOf(child)} ${WORDS[effect]}: ${because}.`,
        ),
      ],
      remedy: own.foreground.map((one) => `Ask about the one inside: sigbridge doctor ${one.pid}`),
      ...(first === undefined ? {} : { culprit: first }),
    };
  }
  if (!REMOTE.test(program.name)) return null;
  return {
    importance: 'unknown',
    title: `${program.name} hands ${key} on to a terminal at its other end, and what happens is decided there`,
    evidence: [modeOf(facts), `/proc/${pid}/cmdline: ${program.command}`],
    conclusions: [`Such clients leave each key to the terminal of the program at the other end.`],
    remedy: ['Ask there: run sigbridge doctor on the other machine, or in the container.'],
  };
}

/** It acts where it acts on all inside. */
function importanceOf(below: readonly Below[]): Importance {
  if (below.some(({ effect }) => effect === 'nothing')) return 'prevents';
  const open = below.length === 0 || below.some(({ effect }) => effect === 'unknown');
  return open ? 'unknown' : 'note';
}

const WORDS: Record<Effect, string> = {
  ends: 'ends',
  stops: 'stops',
  continues: 'goes on',
  runs: 'runs its handler',
  nothing: 'goes on as before',
  unknown: 'may end or not',
};
