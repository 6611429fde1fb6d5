// The first process of a container.
import { node, READY, listens, FOREVER, first, SHELLS, byKey, term } from './common.mjs';

export const pidOne = [
  {
    name: 'process 1, a program that does nothing about it',
    start: first('sleep', '600'),
    who: ['unshare', 'sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'process 1, Node without a listener',
    start: first(...node(`${FOREVER} ${READY}`)),
    says: 'ready',
    who: ['unshare', 'node'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'process 1, Node with a listener',
    start: first(...node(`${listens('SIGTERM')} ${FOREVER} ${READY}`)),
    says: 'ready',
    who: ['unshare', 'node'],
    ...term,
    really: 'runs',
  },
  {
    name: 'process 1, an entrypoint with a trap, in wait',
    start: first(...SHELLS.bash, "trap 'echo heard' TERM; sleep 600 & wait"),
    who: ['unshare', 'bash'],
    below: ['sleep'],
    ...term,
    really: 'runs',
  },
  {
    name: 'process 1, a shell without a trap',
    start: first(...SHELLS.dash, 'sleep 600; :'),
    who: ['unshare', 'dash'],
    below: ['sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'process 1, tini',
    start: first('tini', '--', 'sleep', '600'),
    who: ['unshare', 'tini'],
    below: ['sleep'],
    ...term,
    really: 'ends',
  },
  ...['dash', 'zsh', 'busybox'].map((name) => ({
    name: `process 1, ${name}, a script in wait`,
    start: first(...SHELLS[name], 'sleep 600 & wait'),
    who: ['unshare', name],
    below: ['sleep'],
    ...byKey,
    really: name === 'zsh' ? 'nothing' : 'ends',
  })),
];
