// Situations in which somebody presses Ctrl+C or sends a signal: how to make each, and what really happens. run.mjs makes
// them, asks the doctor, tries, and compares.
//
// start: the command, on a terminal of its own for a key. who: the process in question, by names from the one that was
// started on. really: 'ends', 'stops', 'runs' (it writes "heard"), 'nothing'. says: what it writes when it is ready.
// types: what is typed first. before: signals that the one in question is sent first. beside: a second program, started below the first.

const NODE = process.execPath;
const PYTHON = '/usr/bin/python3';
const node = (script) => [NODE, '-e', script];
const python = (script) => [PYTHON, '-c', script];
const HEARD = "fs.writeSync(1, 'heard');";
const READY = "fs.writeSync(1, 'ready');";
const listens = (signal, then = '') => `process.on('${signal}', () => { ${HEARD} ${then} });`;
const FOREVER = 'setInterval(() => {}, 1e6);';
const quoted = (script) => `'${script.replaceAll("'", "'\\''")}'`;
const nodeIn = (script) => `${NODE} -e ${quoted(script)}`;
const first = (...command) => [
  'unshare',
  '--pid',
  '--fork',
  '--mount-proc',
  '--kill-child',
  ...command,
];

const SHELLS = {
  bash: ['bash', '--norc', '-c'],
  dash: ['dash', '-c'],
  zsh: ['zsh', '-f', '-c'],
  busybox: ['busybox', 'sh', '-c'],
};

const byKey = { signal: 'SIGINT', by: 'key' };
const term = { signal: 'SIGTERM', by: 'kill' };

const plain = [
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

const everyShell = Object.entries(SHELLS).flatMap(([name, shell]) => [
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

const scripts = [
  {
    name: 'a script that runs timeout',
    start: [...SHELLS.bash, 'timeout 600 sleep 601; :'],
    below: ['timeout'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'a script that runs timeout --foreground',
    start: [...SHELLS.bash, 'timeout --foreground 600 sleep 601; :'],
    below: ['timeout'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'bash, a trap, a command in the foreground',
    start: [...SHELLS.bash, "trap 'echo heard' INT; sleep 600; :"],
    below: ['sleep'],
    ...byKey,
    really: 'runs',
  },
  {
    name: 'bash, a command that ignores it',
    start: [...SHELLS.bash, 'env --ignore-signal=INT sleep 600; :'],
    below: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'bash, a command’s output',
    start: [...SHELLS.bash, "trap 'echo heard' TERM; x=$(sleep 600); :"],
    below: ['sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'bash, a trap, work of its own',
    start: [...SHELLS.bash, "trap 'echo heard' TERM; echo ready; while :; do :; done"],
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'bash, a trap, in read',
    start: [...SHELLS.bash, "trap 'echo heard' TERM; echo ready; read line"],
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'bash, Node without a listener',
    start: [...SHELLS.bash, `${nodeIn(`${FOREVER} ${READY}`)}; sleep 600`],
    says: 'ready',
    ...byKey,
    really: 'ends',
  },
  {
    name: 'bash, Node with a listener that exits',
    start: [
      ...SHELLS.bash,
      `${nodeIn(`process.on('SIGINT', () => process.exit()); ${FOREVER} ${READY}`)}; sleep 600`,
    ],
    says: 'ready',
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'bash, a pipeline with tee',
    start: [...SHELLS.bash, 'sleep 600 | tee /dev/null; :'],
    below: ['tee'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'tee, at the end of a pipeline',
    start: [
      ...SHELLS.bash,
      `${nodeIn(`${listens('SIGINT')} ${FOREVER} process.stderr.write('ready')`)} | tee /dev/null; :`,
    ],
    says: 'ready',
    who: ['bash', 'tee'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'a script below a script',
    start: [...SHELLS.bash, 'dash -c "sleep 600; :"; sleep 600'],
    who: ['bash'],
    below: ['dash', 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'a script in the background of a script',
    start: [...SHELLS.bash, `bash --norc -c "trap 'echo heard' TERM; sleep 600; :" & wait`],
    who: ['bash', 'bash'],
    below: ['sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'what a script has in the background',
    start: [...SHELLS.bash, 'set -m; dash -c "sleep 600 & wait"; read line'],
    who: ['bash', 'dash', 'sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'Node in the background of a script',
    start: [...SHELLS.bash, `${nodeIn(`${FOREVER} ${READY}`)} & wait`],
    says: 'ready',
    who: ['bash', 'node'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'an entrypoint that waits for Node',
    start: [...SHELLS.bash, `trap 'echo heard' TERM; ${nodeIn(`${FOREVER} ${READY}`)} & wait`],
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'a job in the background of a terminal',
    start: [...SHELLS.bash, 'set -m; sleep 601 & sleep 600; :'],
    who: ['bash', 'sleep:601'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'a shell at its prompt',
    start: ['bash', '--norc', '--noprofile', '-i'],
    ...term,
    really: 'nothing',
  },
];

const traps = Object.entries(SHELLS).flatMap(([name, shell]) => [
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

const pidOne = [
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
];

const loops = [
  {
    name: 'Node without a listener',
    start: node(`${FOREVER} ${READY}`),
    says: 'ready',
    ...term,
    really: 'ends',
  },
  {
    name: 'Node with a listener',
    start: node(`${listens('SIGTERM')} ${FOREVER} ${READY}`),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Node, a loop that works without a pause',
    start: node(`${listens('SIGTERM')} ${READY} (function work() { setImmediate(work) })()`),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Node, a loop that works in pieces',
    start: node(
      `${listens('SIGTERM')} ${READY} (function work() { for (const end = performance.now() + 60; performance.now() < end;); setImmediate(work) })()`,
    ),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Node, a loop that is blocked',
    start: node(`${listens('SIGTERM')} setTimeout(() => { ${READY} for (;;); })`),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node, a loop that is blocked and sets timers',
    start: node(
      `${listens('SIGTERM')} setTimeout(() => { ${READY} for (;;) clearTimeout(setTimeout(() => {}, 1e6)); })`,
    ),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node, a loop that promises block',
    start: node(`${listens('SIGTERM')} setTimeout(async () => { ${READY} for (;;) await null; })`),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node, a blocked loop without a listener',
    start: node(`setTimeout(() => { ${READY} for (;;); })`),
    says: 'ready',
    ...term,
    really: 'ends',
  },
  {
    name: 'Node in execSync',
    start: node(
      `${listens('SIGTERM')} setTimeout(() => { ${READY} child_process.execSync('sleep 600'); })`,
    ),
    says: 'ready',
    below: ['sh'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node in a synchronous read',
    start: node(
      `${listens('SIGTERM')} setTimeout(() => { ${READY} fs.readSync(0, Buffer.alloc(1)); })`,
    ),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node in Atomics.wait',
    start: node(
      `${listens('SIGTERM')} setTimeout(() => { ${READY} Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); })`,
    ),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node, a worker that works without a pause',
    start: node(
      `${listens('SIGTERM')} new worker_threads.Worker('for (;;);', { eval: true }).on('online', () => { ${READY} })`,
    ),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Node that reads single keys',
    start: node(`process.stdin.setRawMode(true).on('data', () => { ${HEARD} }); ${READY}`),
    says: 'ready',
    ...byKey,
    really: 'runs',
  },
  {
    name: 'Node, and a broken pipe',
    start: node(`${FOREVER} ${READY}`),
    says: 'ready',
    signal: 'SIGPIPE',
    by: 'kill',
    really: 'nothing',
  },
];

const interpreters = [
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

const wrappers = [
  {
    name: 'npm, a program that ends',
    start: ['npm', 'start'],
    who: ['npm start'],
    scripts: { start: 'sleep 600; :' },
    below: ['sh', 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'npm, a program that ignores it',
    start: ['npm', 'start'],
    who: ['npm start'],
    scripts: { start: 'env --ignore-signal=INT sleep 600; :' },
    below: ['sh', 'sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'npm, a shell with a trap',
    start: ['npm', 'start'],
    who: ['npm start'],
    scripts: { start: 'trap : TERM; sleep 600; :' },
    below: ['sh', 'sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'make, a program that ends',
    start: ['make', '-s', '-f', '-'],
    stdin: 'all:\n\tsleep 600\n',
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'flock, its program',
    start: ['flock', 'lock', 'sleep', '600'],
    below: ['sleep'],
    ...term,
    really: 'ends',
  },
  {
    name: 'xargs, its program',
    start: [...SHELLS.bash, 'exec xargs sleep <<< 600'],
    who: ['xargs'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'timeout, its program',
    start: ['timeout', '600', 'sleep', '601'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'strace, its program',
    start: ['strace', '-o', '/dev/null', 'sleep', '600'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'time, its program',
    start: ['/usr/bin/time', 'sleep', '600'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'su, its program',
    start: ['su', '-s', '/bin/sh', 'nobody', '-c', 'exec sleep 600'],
    below: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'runuser, its program',
    start: ['runuser', '-u', 'nobody', '--', 'sleep', '600'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'runuser, its program',
    start: ['runuser', '-u', 'nobody', '--', 'sleep', '600'],
    below: ['sleep'],
    ...term,
    really: 'ends',
  },
  {
    name: 'timeout, a program that ignores it',
    start: ['timeout', '600', 'env', '--ignore-signal=TERM', 'sleep', '601'],
    below: ['sleep'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'a program in a script of its own terminal',
    start: ['script', '-qec', 'sleep 600; :', '/dev/null'],
    who: ['script', 'sh', 'sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'a script with job control, a job in the foreground',
    start: ['bash', '--norc', '-c', 'set -m; sleep 600; read line'],
    who: ['bash'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'script, its program',
    start: ['script', '-qec', 'exec sleep 600', '/dev/null'],
    below: ['sleep'],
    ...byKey,
    really: 'ends',
  },
  {
    name: 'script, a program that ignores it',
    start: ['script', '-qec', 'exec env --ignore-signal=INT sleep 600', '/dev/null'],
    below: ['sleep'],
    ...byKey,
    really: 'nothing',
  },
  {
    name: 'tmux, its program',
    start: ['tmux', '-L', 'sigbridge-corpus', '-f', '/dev/null', 'new-session', 'exec sleep 600'],
    who: ['tmux: client'],
    ...byKey,
    really: 'ends',
  },
];

const INTERACTIVE = {
  bash: ['bash', '--norc', '--noprofile', '-i'],
  dash: ['dash', '-i'],
  zsh: ['zsh', '-f', '-i'],
  busybox: ['busybox', 'sh', '-i'],
};

const persons = Object.entries(INTERACTIVE).flatMap(([name, start]) => [
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
];
