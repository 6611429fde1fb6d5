// Programs that do nothing of their own about signals: defaults, masks, stops, terminals.
import { node, python, READY, FOREVER, byKey, term } from './common.mjs';

export const plain = [
  {
    name: 'a program that does nothing about it',
    start: ['sleep', '600'],
    ...term,
    really: 'ends',
  },
  {
    name: 'a program that does nothing about it',
    start: ['sleep', '600'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'a program that does nothing about it',
    start: ['sleep', '600'],
    signal: 'SIGQUIT',
    by: 'key',
    really: 'ends',
  },
  {
    name: 'a program that nobody could continue',
    start: ['sleep', '600'],
    signal: 'SIGTSTP',
    by: 'key',
    really: 'nothing',
  },
  {
    name: 'a job of a shell with job control',
    start: ['bash', '--norc', '-c', 'set -m; sleep 600; read line'],
    who: ['bash', 'sleep'],
    signal: 'SIGTSTP',
    by: 'key',
    really: 'stops',
  },
  {
    name: 'a program that was started with it ignored',
    start: ['env', '--ignore-signal=INT', 'sleep', '600'],
    who: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'a program that was started with it blocked',
    start: ['env', '--block-signal=TERM', 'sleep', '600'],
    who: ['sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'a program under nohup',
    start: ['nohup', 'sleep', '600'],
    who: ['sleep'],
    signal: 'SIGHUP',
    by: 'kill',
    really: 'nothing',
  },
  {
    name: 'Node under nohup',
    start: ['nohup', ...node(`${FOREVER} ${READY}`)],
    who: ['node'],
    says: 'ready',
    signal: 'SIGHUP',
    by: 'kill',
    really: 'ends',
  },
  {
    name: 'a stopped program',
    start: ['sleep', '600'],
    before: ['SIGSTOP'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'a stopped program',
    start: ['sleep', '600'],
    before: ['SIGSTOP'],
    signal: 'SIGKILL',
    by: 'kill',
    really: 'ends',
  },
  {
    name: 'a program, and what is nothing by default',
    start: ['sleep', '600'],
    signal: 'SIGWINCH',
    by: 'kill',
    really: 'nothing',
  },
  {
    name: 'a terminal that sends no signals',
    start: ['bash', '--norc', '-c', 'stty -isig; exec sleep 600'],
    who: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'a terminal with another key',
    start: ['bash', '--norc', '-c', 'stty intr ^G; exec sleep 600'],
    who: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'a program that reads it from a signalfd',
    start: python(`
import ctypes, os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
mask = (ctypes.c_ulong * 16)(1 << (signal.SIGTERM - 1))
fd = ctypes.CDLL(None).signalfd(-1, mask, 0)
print('ready', flush=True)
os.read(fd, 128)
print('heard', flush=True)`),
    says: 'ready',
    ...term,
    really: 'runs',
  },
];
