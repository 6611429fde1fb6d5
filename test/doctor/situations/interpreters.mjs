// Other languages, whose handlers only take a note.
import { python, byKey, term } from './common.mjs';

export const interpreters = [
  {
    name: 'Python, asleep',
    start: python("import time\nprint('ready', flush=True)\ntime.sleep(600)"),
    says: 'ready',
    ...byKey,
    really: 'ends',
  },
  {
    name: 'Python, asleep, a handler',
    start: python(
      "import signal, time\nsignal.signal(2, lambda *a: print('heard', flush=True))\nprint('ready', flush=True)\nwhile True: time.sleep(600)",
    ),
    says: 'ready',
    ...byKey,
    really: 'runs',
  },
  {
    name: 'Python, one long call',
    start: python(
      "import signal\nsignal.signal(15, lambda *a: print('heard', flush=True))\nprint('ready', flush=True)\nsum(range(10**12))",
    ),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Python, work of many steps',
    start: python(
      "import signal\nsignal.signal(15, lambda *a: print('heard', flush=True))\nprint('ready', flush=True)\nwhile True: pass",
    ),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Python, asyncio at rest',
    start: python(`
import asyncio, signal
async def main():
  asyncio.get_running_loop().add_signal_handler(15, lambda: print('heard', flush=True))
  print('ready', flush=True)
  await asyncio.sleep(600)
asyncio.run(main())`),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Python, asyncio in a blocking call',
    start: python(`
import asyncio, signal, time
async def main():
  asyncio.get_running_loop().add_signal_handler(15, lambda: print('heard', flush=True))
  print('ready', flush=True)
  time.sleep(600)
asyncio.run(main())`),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Perl, asleep, a handler',
    start: [
      'perl',
      '-e',
      '$| = 1; $SIG{TERM} = sub { print "heard" }; print "ready"; sleep 600 while 1',
    ],
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Java, at rest',
    start: [
      'java',
      '-Xshare:auto',
      '-XX:TieredStopAtLevel=1',
      '-m',
      'java.rmi/sun.rmi.registry.RegistryImpl',
      '0',
    ],
    thread: 'RMI TCP Accept',
    ...term,
    really: 'ends',
  },
];
