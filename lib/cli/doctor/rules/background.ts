import type { Finding } from '../Cause.js';
import type { Facts } from '../facts/Facts.js';
import { handsKeyBack, jobShell } from '../facts/jobControl.js';
import { keyOf } from '../keys.js';
import { fallsWith } from '../outcome.js';
import { listed, nameOf } from '../words.js';
import { follows } from './follows.js';

/** As sudo's monitor does: the key reaches who it stands and falls with. */
function waitsInFront(facts: Facts): boolean {
  const { below, stat } = facts;
  return fallsWith(facts) && below.some(({ child: { group } }) => group === stat.foreground);
}

/** Keys reach the foreground process group alone: credentials(7), tcsetpgrp(3). */
export function background(facts: Facts): Finding | null {
  const { terminal, stat, signal, route, foreground, pid, program } = facts;
  if (route === 'key' && (handsKeyBack(facts) || waitsInFront(facts))) return null;
  const shell = jobShell(facts);
  if (terminal === null || signal.key === null || stat.group === stat.foreground) return null;
  const names = foreground.slice(0, 3).map(nameOf);
  const where = `it is not in the foreground of ${terminal.path}`;
  const evidence = [
    `/proc/${pid}/stat: its process group is ${stat.group}, the terminal's is ${stat.foreground}.`,
    ...(names.length === 0 ? [] : [`In the foreground: ${listed(names)}.`]),
  ];
  // A shell that is not known, and its like, may do to itself what the key does to its job.
  const may = facts.shell === null ? follows(facts, where, evidence) : null;
  if (may !== null) return may;
  return {
    importance: route === 'key' ? 'prevents' : 'note',
    title: `${where}: ${keyOf(facts)} goes to others`,
    evidence,
    remedy: [
      ...(shell === null
        ? []
        : [`Bring it to the foreground: fg in ${nameOf(shell)}; then press the key.`]),
      ...(program.name === 'timeout'
        ? ['timeout --foreground stays in the foreground, and lets the key through.']
        : []),
      `Or send the signal: kill -${signal.name.slice(3)} ${pid}`,
    ],
  };
}
