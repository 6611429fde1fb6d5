// Those that kill whom they wait for, block a signal only while they wait, or leave the terminal to their child; pipelines of
// which a part goes on; shells that are not known.
import { SHELLS, byKey, first, python, term } from './common.mjs';

const IGNORING = ['env', '--ignore-signal=INT,TERM', 'sleep', '600'];
const ignoring = IGNORING.join(' ');
const sent = { signal: 'SIGINT', by: 'kill' };
const nobody = (command) => ['su', '-s', '/bin/sh', 'nobody', '-c', `exec ${command}`];

const forced = [
  ['su', nobody(ignoring)],
  ['runuser', ['runuser', '-u', 'nobody', '--', ...IGNORING]],
  ['timeout -k', ['timeout', '-k', '1', '600', ...IGNORING]],
].map(([name, start]) => ({
  name: `${name}, a program that ignores it`,
  start,
  below: ['sleep'],
  ...term,
  really: 'ends',
}));

const pipelines = Object.entries(SHELLS).flatMap(([name, shell]) => {
  const really = name === 'zsh' ? 'ends' : 'nothing';
  return [
    {
      name: `${name}, a pipeline whose last ignores it`,
      start: [...shell, `sleep 600 | ${ignoring}; :`],
      ...byKey,
      really,
    },
    {
      name: `${name}, a pipeline whose first ignores it`,
      start: [...shell, `${ignoring} | cat; :`],
      ...byKey,
      really,
    },
    {
      name: `${name}, a trap, a pipeline whose last ignores it`,
      start: [...shell, `trap 'echo heard' INT; sleep 600 | ${ignoring}; :`],
      ...byKey,
      really: 'nothing',
    },
    {
      name: `${name}, a trap for the key too, a command in the foreground`,
      start: [...shell, "trap 'echo heard' INT TERM; sleep 600; :"],
      below: ['sleep'],
      ...term,
      really: 'nothing',
    },
    {
      name: `${name}, a trap for the key too, in wait`,
      start: [...shell, "trap 'echo heard' INT TERM; sleep 600 & wait"],
      below: ['sleep'],
      ...term,
      really: 'runs',
    },
    {
      name: `${name}, a command’s output`,
      start: [...shell, 'x=$(sleep 600); :'],
      ...sent,
      really: name === 'zsh' ? 'ends' : 'nothing',
    },
  ];
});

export const surprises = [
  ...forced,
  ...pipelines,
  { ...forced[0], name: 'su, a program that ignores it', ...byKey },
  { ...forced[2], name: 'timeout -k, a program that ignores it', ...byKey },
  {
    name: 'a program that ignores it, under timeout -k',
    start: forced[2].start,
    who: ['timeout', 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'timeout -k of an hour, a program that ignores it',
    start: ['timeout', '--kill-after=1h', '600', ...IGNORING],
    below: ['sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'process 1, zsh, a pipeline whose last ignores it',
    start: first(...SHELLS.zsh, `sleep 600 | ${ignoring}; :`),
    who: ['unshare', 'zsh'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'yash with set -m, a command',
    start: ['yash', '--norcfile', '-c', 'set -m; sleep 600; :'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'dumb-init on a terminal',
    start: ['dumb-init', 'sleep', '600'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'dumb-init on a terminal, a program that ignores it',
    start: ['dumb-init', ...IGNORING],
    below: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'mosquitto, which blocks it while it waits',
    start: ['mosquitto', '-c', 'conf'],
    files: { conf: 'listener 0 socket\nuser root\n' },
    ...term,
    really: 'ends',
  },
  {
    name: 'Python, a handler, in short waits',
    start: python(
      "import os, signal, threading\nsignal.signal(15, lambda *_: os.write(1, b'heard'))\nprint('ready', flush=True)\nwhile not threading.Event().wait(0.1): pass",
    ),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Python, a handler, blocked',
    start: python(
      "import signal\nsignal.signal(15, print)\nsignal.pthread_sigmask(signal.SIG_BLOCK, [15])\nprint('ready', flush=True)\nsignal.pause()",
    ),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  ...[byKey, term].map((way) => ({
    name: 'gunicorn, the master',
    start: ['gunicorn', '-b', 'unix:socket', 'app:app'],
    files: { 'app.py': 'app = print\n' },
    below: ['gunicorn'],
    ...way,
    really: 'ends',
  })),
  {
    name: 'PHP, asleep, a handler',
    start: [
      'php',
      '-r',
      "pcntl_async_signals(true); pcntl_signal(SIGTERM, fn() => print 'heard'); print 'ready'; sleep(600);",
    ],
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'PHP, exec()',
    start: ['php', '-r', "exec('sleep 600; :'); sleep(600);"],
    below: ['sh', 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'expect, its program',
    start: ['expect', '-c', 'spawn sleep 600; interact'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
];
