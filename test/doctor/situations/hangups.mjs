// What ends with the leader of its session, or with the first process of its container, whatever the key does to itself.
import { SHELLS, byKey, first, listens, nodeIn, FOREVER, READY } from './common.mjs';

const hangup = { signal: 'SIGHUP', by: 'kill' };

export const hangups = [
  {
    name: 'what the first program of a terminal has in the background',
    start: [...SHELLS.bash, 'sleep 600 & wait'],
    who: ['bash', 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'the same, under nohup',
    start: [...SHELLS.bash, 'nohup sleep 600 & wait'],
    who: ['bash', 'sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'the same, in a session of its own',
    start: [...SHELLS.bash, 'setsid sleep 600 & wait'],
    who: ['bash', 'sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'the same, where the first has a trap that ends it',
    start: [...SHELLS.bash, 'trap exit INT; sleep 600 & wait'],
    who: ['bash', 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'the same, where the first has a trap that does not',
    start: [...SHELLS.bash, 'trap : INT; sleep 600 & wait; wait'],
    who: ['bash', 'sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'Node in the background of a terminal’s first, with a listener for the hang-up',
    start: [
      ...SHELLS.dash,
      `${nodeIn(`process.on('SIGINT', () => {}); ${listens('SIGHUP')} ${FOREVER} ${READY}`)} & wait`,
    ],
    says: 'ready',
    who: ['dash', 'node'],
    ...byKey,
    really: 'runs',
  },
  {
    name: 'what a container’s first process has in the background',
    start: first(...SHELLS.dash, "trap 'exit 1' INT; sleep 600 & wait"),
    who: ['unshare', 'dash', 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'a shell at its prompt',
    start: ['bash', '--norc', '--noprofile', '-i'],
    ...hangup,
    really: 'ends',
  },
  {
    name: 'a person’s job in the background',
    start: ['bash', '--norc', '--noprofile', '-i'],
    types: 'sleep 600 &',
    who: ['bash', 'sleep'],
    ...hangup,
    really: 'ends',
  },
  {
    name: 'a person’s job that the shell disowns',
    start: ['bash', '--norc', '--noprofile', '-i'],
    types: 'nohup sleep 600 & disown',
    who: ['bash', 'sleep'],
    ...hangup,
    really: 'nothing',
  },
  {
    name: 'a program without a terminal, as cron starts it',
    start: ['setsid', '-w', 'sh', '-c', 'sleep 600; :'],
    who: ['setsid', 'sh'],
    below: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'a stopped job of a person',
    start: ['bash', '--norc', '--noprofile', '-i'],
    types: 'sleep 600',
    who: ['bash', 'sleep'],
    before: ['SIGSTOP'],
    ...hangup,
    really: 'nothing',
  },
];
