// Situations in which somebody presses Ctrl+C or sends a signal: how to make each, and what really happens. run.mjs makes
// them, asks the doctor, tries, and compares.
//
// start: the command, on a terminal of its own for a key. who: the process in question, by names from the one that was
// started on. really: 'ends', 'stops', 'runs' (it writes "heard"), 'nothing'. says: what it writes when it is ready.
// types: what is typed first. before: signals that the one in question is sent first. beside: a second program, started below the first.

import { daemons } from './situations/daemons.mjs';
import { pidOne } from './situations/first.mjs';
import { hangups } from './situations/hangups.mjs';
import { interpreters } from './situations/interpreters.mjs';
import { languages } from './situations/languages.mjs';
import { loops } from './situations/loops.mjs';
import { plain } from './situations/plain.mjs';
import { relatives } from './situations/relatives.mjs';
import { everyRuntime } from './situations/runtimes.mjs';
import { scripts } from './situations/scripts.mjs';
import { everyShell, persons, traps } from './situations/shells.mjs';
import { strangers } from './situations/strangers.mjs';
import { surprises } from './situations/surprises.mjs';
import { wrappers } from './situations/wrappers.mjs';

export const situations = [
  ...plain,
  ...everyShell,
  ...scripts,
  ...persons,
  ...traps,
  ...pidOne,
  ...loops,
  ...interpreters,
  ...wrappers,
  ...hangups,
  ...languages,
  ...everyRuntime,
  ...relatives,
  ...strangers,
  ...daemons,
  ...surprises,
];
