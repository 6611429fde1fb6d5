// Shells that wait, with traps and without, and the jobs of people at their prompts.
import { first, SHELLS, byKey, term } from './common.mjs';

export const everyShell = Object.entries(SHELLS).flatMap(([name, shell]) => [
  {
    name: `${name}, a trap, a command in the foreground`,
    start: [...shell, "trap 'echo heard' TERM; sleep 600; :"],
    below: ['sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: `${name}, a trap, in wait`,
    start: [...shell, "trap 'echo heard' TERM; sleep 600 & wait"],
    below: ['sleep'],
    ...term,
    really: 'runs',
  },
  {
    name: `${name}, no trap, a command in the foreground`,
    start: [...shell, 'sleep 600; :'],
    below: ['sleep'],
    ...term,
    really: 'ends',
  },
  {
    name: `${name}, no trap, a command in the foreground`,
    start: [...shell, 'sleep 600; :'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: `${name}, no trap, a command of another session`,
    start: [...shell, 'setsid -w sleep 600; :'],
    below: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: `${name}, no trap, in wait`,
    start: [...shell, 'sleep 600 & wait'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
]);

export const traps = Object.entries(SHELLS).flatMap(([name, shell]) => [
  {
    name: `${name}, a trap for its end, a command in the foreground`,
    start: [...shell, "trap ': over' EXIT; sleep 600; :"],
    below: ['sleep'],
    ...term,
    really: 'ends',
  },
  {
    name: `${name}, a trap for another signal, a command in the foreground`,
    start: [...shell, "trap 'echo heard' HUP; sleep 600; :"],
    below: ['sleep'],
    ...term,
    really: 'ends',
  },
  {
    name: `${name}, no trap, a command in the foreground`,
    start: [...shell, 'sleep 600; :'],
    below: ['sleep'],
    signal: 'SIGINT',
    by: 'kill',
    really: 'nothing',
  },
  {
    name: `${name}, no trap, in wait`,
    start: [...shell, 'sleep 600 & wait'],
    below: ['sleep'],
    signal: 'SIGINT',
    by: 'kill',
    really: 'ends',
  },
  {
    name: `${name}, a subshell in the foreground`,
    start: [...shell, "trap 'echo heard' TERM; (sleep 600; :); :"],
    ...term,
    really: 'nothing',
  },
  {
    name: `${name}, a pipeline that reads what comes`,
    start: [...shell, "trap 'echo heard' INT; sleep 600 | cat; :"],
    below: ['cat'],
    ...byKey,
    really: 'runs',
  },
]);

const INTERACTIVE = {
  bash: ['bash', '--norc', '--noprofile', '-i'],
  dash: ['dash', '-i'],
  zsh: ['zsh', '-f', '-i'],
  busybox: ['busybox', 'sh', '-i'],
};

export const persons = Object.entries(INTERACTIVE).flatMap(([name, start]) => [
  {
    name: `a person’s job in ${name}, a program`,
    start,
    types: 'sleep 600',
    who: [name, 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: `a person’s job in ${name}, a script that runs timeout`,
    start,
    types: "bash --norc -c 'timeout 600 sleep 601; :'",
    who: [name, 'bash'],
    below: ['timeout'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: `the ${name} that waits for a person’s job`,
    start,
    types: 'sleep 600',
    who: [name],
    below: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: `process 1 on a terminal, ${name}, a command in the foreground`,
    start: first(...SHELLS[name], 'sleep 600; :'),
    who: ['unshare', name],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
]);
