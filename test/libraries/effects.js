'use strict';

// effects.js NAME ORDER: what the user of a library counts on when a signal comes, without sigbridge, and
// while it takes the library's signals, and after its last close; as a line of JSON.
const os = require('node:os');
const path = require('node:path');
const { setImmediate: turn } = require('node:timers/promises');
const embed = require('../fixtures/build/Release/embed.node');

const [name, order] = process.argv.slice(2);

// What a child of the script sends, once it is told to, comes again and again: the first may come before
// the script waits.
const INTERRUPTS = 'read go; for i in 1 2 3 4 5; do kill -INT $PPID; sleep 2; done';

// - signals: what sigbridge takes; - library: what is opened; - set(): the library sets its handlers;
// - effect(): what happens, in words.
const EFFECTS = {
  c: {
    signals: ['SIGALRM'],
    library: 'libc.so.6',
    set: () => embed.withoutRestart(os.constants.signals.SIGALRM),
    effect: () => embed.read(),
  },
  pythonRead: {
    signals: ['SIGALRM', 'SIGINT'],
    library: 'libpython3.11.so.1.0',
    set: () =>
      embed.python(`
import os, signal, subprocess
def late(*_): raise TimeoutError
signal.signal(signal.SIGALRM, late)`),
    effect: () =>
      embed.python(`
try:
    signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
    os.read(os.pipe()[0], 1)
except TimeoutError:
    signal.setitimer(signal.ITIMER_REAL, 0)
    os.write(90, b'TimeoutError')`),
  },
  pythonRun: {
    signals: ['SIGINT', 'SIGCHLD'],
    library: 'libpython3.11.so.1.0',
    set: () =>
      embed.python(`
import os, signal, subprocess
signal.signal(signal.SIGINT, signal.default_int_handler)`),
    effect: () =>
      embed.python(`
try:
    subprocess.run(['sh', '-c', '${INTERRUPTS}'], input=b'go\\n')
except KeyboardInterrupt:
    os.write(90, b'KeyboardInterrupt')`),
  },
  perl: {
    signals: ['SIGALRM'],
    library: 'libperl.so.5.36',
    set: () => embed.perl(`$SIG{ALRM} = sub { die "late\\n" }; pipe(R, W); open(A, '>&=', 90);`),
    effect: () => embed.perl(`eval { alarm 1; sysread(R, $b, 1); }; syswrite(A, "died: $@");`),
  },
  rubyTrap: {
    signals: ['SIGUSR2'],
    library: 'libruby-3.1.so.3.1',
    set: () =>
      embed.ruby(`$answer = IO.for_fd(90, autoclose: false); $n = 0; trap('USR2') { $n += 1 }`),
    effect: () =>
      embed.ruby(`
        before = $n
        2.times { |i| Process.kill('USR2', $$); sleep 0.01 until $n == before + i + 1 }
        $answer.syswrite("#{$n - before} of 2")`),
  },
  rubySleep: {
    signals: ['SIGINT', 'SIGCHLD'],
    library: 'libruby-3.1.so.3.1',
    set: () => embed.ruby(`$answer = IO.for_fd(90, autoclose: false); trap('INT', 'DEFAULT')`),
    effect: () =>
      embed.ruby(`
        begin
          told, tell = IO.pipe
          child = spawn('${INTERRUPTS}', in: told)
          tell.puts('go')
          sleep
        rescue Interrupt
          Process.kill('KILL', child)
          Process.wait(child)
          $answer.syswrite('Interrupt')
        end`),
  },
  // Its threads wake each other by that signal, and its handler calls the one that it has found.
  prolog: {
    signals: ['SIGUSR2'],
    library: 'libswipl.so.9',
    set: () => embed.prolog('true'),
    effect: () =>
      embed.prolog(
        'catch((thread_create(thread_signal(main,throw(stop)),_),sleep(30),fail),stop,true)',
      ),
  },
  // Its collector is Boehm's.
  guile: {
    signals: ['SIGALRM', 'SIGPWR', 'SIGXCPU'],
    library: 'libguile-3.0.so.1',
    set: () => embed.guile(`(sigaction SIGALRM (lambda (signal) (throw 'late)))`),
    effect: () =>
      embed.guile(`
        (let ((port (fdopen (dup->fdes 90) "w")))
          (setitimer ITIMER_REAL 0 0 0 50000)
          (catch 'late
            (lambda () (let again () (usleep 1000) (again)))
            (lambda (key) (display key port)))
          (gc)
          (close-port port))`),
  },
  eclStack: {
    signals: ['SIGSEGV'],
    library: 'libecl.so.21.2',
    set: () => embed.lisp('1'),
    effect: () =>
      `${embed.lisp(`
        (handler-case (labels ((deeper (n) (+ 1 (deeper (+ n 1))))) (deeper 0))
          (ext:stack-overflow () 1))`)} of 1`,
  },
  eclKill: {
    signals: ['SIGRTMIN+2', 'SIGPWR', 'SIGXCPU'],
    library: 'libecl.so.21.2',
    set: () => embed.lisp('1'),
    effect: () =>
      `${embed.lisp(`
        (let ((process (mp:process-run-function 'sleeper (lambda () (loop (sleep 10))))))
          (sleep 0.1)
          (mp:process-kill process)
          (mp:process-join process)
          1)`)} of 1`,
  },
  glib: {
    signals: ['SIGHUP'],
    library: 'libglib-2.0.so.0',
    set: () => embed.glibAdd(os.constants.signals.SIGHUP),
    effect: () => embed.glibHear(os.constants.signals.SIGHUP),
  },
  boehm: {
    signals: ['SIGPWR', 'SIGXCPU'],
    library: 'libgc.so.1',
    set: () => embed.collect(),
    effect: () => embed.collect(),
  },
  gperftools: {
    signals: ['SIGPROF'],
    library: 'libprofiler.so.0',
    set: () => undefined,
    effect: () => embed.profile(path.join(os.tmpdir(), `effects-${process.pid}.prof`)),
  },
  goPreempts: {
    signals: ['SIGURG'],
    library: process.env.GO_LIBRARY,
    set: () => undefined,
    effect: () =>
      `${String(require('koffi').load(process.env.GO_LIBRARY).func('int Preempts(int)')(3))} of 3`,
  },
};

async function main() {
  const { signals, library, set, effect } = EFFECTS[name];
  if (order === 'without') {
    embed.open(library);
    set();
    return [effect(), effect()];
  }
  const sigbridge = require('sigbridge');
  const take = () => [
    ...signals
      .filter((signal) => signal !== 'SIGSEGV')
      .map((signal) => sigbridge.on(signal, () => undefined)),
    ...signals.map((signal) => sigbridge.bridge(signal)),
  ];
  let taken = order === 'sigbridge first' ? take() : [];
  embed.open(library);
  set();
  if (order === 'sigbridge first') sigbridge.reclaim();
  else taken = take();
  const during = effect();
  await turn();
  const again = effect();
  for (const one of taken) one.close();
  await turn();
  return [during, again, effect()];
}

main().then((seen) => {
  console.log(JSON.stringify(seen));
  process.exit();
});
