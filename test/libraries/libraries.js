'use strict';

// The libraries, as Debian ships them: how each is made to handle one signal, and how its own effect
// of it is seen. What a library has:
// - install(order): makes it set its handlers; 'ends': those that end the process;
// - effect(): how often the signal has taken effect in it; none where the test looks from outside;
// - seen(): resolves when the test has seen the effect;
// - ignores: it ignores the signal, and there is nothing to be seen;
// - ends: its effect is the end of the process;
// - remove(): it takes its handlers away;
// - end(): tidies up.
const { once } = require('node:events');
const koffi = require('koffi');

const load = (name) => koffi.load(name);

function python(signal) {
  const lib = load('libpython3.11.so.1.0');
  const initialize = lib.func('void Py_Initialize()');
  const run = lib.func('int PyRun_SimpleString(const char*)');
  if (signal !== 'SIGINT') {
    return {
      ignores: true,
      install(order) {
        // Node ignores them too: only what was at the default shows that Python has.
        if (order === 'library-first') require('sigbridge').reset(signal, { force: true });
        initialize();
      },
    };
  }
  const checkSignals = lib.func('int PyErr_CheckSignals()');
  const matches = lib.func('int PyErr_ExceptionMatches(void*)');
  const clear = lib.func('void PyErr_Clear()');
  const interrupt = koffi.decode(lib.symbol('PyExc_KeyboardInterrupt', 'void*'), 'void*');
  let count = 0;
  return {
    install(order) {
      // By itself it takes SIGINT over the default only, and Node has set a handler of its own.
      if (order === 'library-first') require('sigbridge').reset('SIGINT');
      initialize();
      if (order === 'sigbridge-first') {
        run('import signal; signal.signal(signal.SIGINT, signal.default_int_handler)');
      }
    },
    effect() {
      if (checkSignals() === -1) {
        count += matches(interrupt);
        clear();
      }
      return count;
    },
  };
}

function ncurses(signal) {
  const lib = load('libncursesw.so.6');
  const getch = lib.func('int getch()');
  const KEY_RESIZE = 0o632;
  let count = 0;
  const library = {
    install(order) {
      // It takes a signal over the default only.
      if (order === 'library-first' || order === 'ends') require('sigbridge').reset(signal);
      // As initscr() does, but not on the standard streams: where these are a terminal, newer
      // versions of Node listen to SIGWINCH themselves, and curses lets them.
      const terminal = load('libc.so.6').func('void* fopen(const char*, const char*)')(
        '/dev/tty',
        'r+',
      );
      lib.func('void* newterm(const char*, void*, void*)')(null, terminal, terminal);
      lib.func('int nodelay(void*, bool)')(
        koffi.decode(lib.symbol('stdscr', 'void*'), 'void*'),
        true,
      );
      // Only what is shown has to be hidden again.
      lib.func('int refresh()')();
    },
    end: () => lib.func('int endwin()')(),
  };
  if (signal === 'SIGINT' || signal === 'SIGTERM') library.ends = true;
  if (signal === 'SIGWINCH') {
    library.effect = () => {
      for (let key = getch(); key !== -1; key = getch()) if (key === KEY_RESIZE) count++;
      return count;
    };
  }
  return library;
}

function readline(_signal, number) {
  // It finds the terminal's functions in whoever has loaded them.
  koffi.load('libtinfo.so.6', { global: true });
  const lib = load('libreadline.so.8');
  const pending = lib.func('int rl_pending_signal()');
  return {
    install: () => lib.func('int rl_set_signals()')(),
    // It only notes the signal in its handler.
    effect: () => (pending() === number ? 1 : 0),
    remove: () => lib.func('int rl_clear_signals()')(),
    /** Shows a prompt, as programs do, and sets its handlers. */
    prompt() {
      const Line = koffi.proto('void LineCallback(char*)');
      const got = koffi.register(() => undefined, koffi.pointer(Line));
      lib.func('rl_callback_handler_install', 'void', ['char*', koffi.pointer(Line)])('> ', got);
      lib.func('int rl_set_signals()')();
    },
    /** What it does in its main loop with a signal that it has noted. */
    act: () => lib.func('void rl_check_signals()')(),
  };
}

function libevent(_signal, number) {
  const lib = load('libevent-2.1.so.7');
  const Callback = koffi.proto('void SignalCallback(int, short, void*)');
  const create = lib.func('event_new', 'void*', [
    'void*',
    'int',
    'short',
    koffi.pointer(Callback),
    'void*',
  ]);
  const loop = lib.func('int event_base_loop(void*, int)');
  const EV_SIGNAL = 0x08;
  const EV_PERSIST = 0x10;
  const EVLOOP_NONBLOCK = 2;
  let base;
  let event;
  let count = 0;
  return {
    install() {
      base = lib.func('void* event_base_new()')();
      const counted = koffi.register(() => count++, koffi.pointer(Callback));
      event = create(base, number, EV_SIGNAL | EV_PERSIST, counted, null);
      lib.func('int event_add(void*, void*)')(event, null);
    },
    effect() {
      loop(base, EVLOOP_NONBLOCK);
      return count;
    },
    remove: () => lib.func('int event_del(void*)')(event),
  };
}

function go(_signal, number) {
  let lib;
  let received = () => 0;
  return {
    // Its runtime sets handlers of its own, for faults too, as soon as it is loaded.
    install() {
      lib = load(process.env.GO_LIBRARY);
      lib.func('void Listen(int)')(number);
      received = lib.func('int Received()');
    },
    effect: () => received(),
    remove: () => lib.func('void Leave()')(),
  };
}

function jvm(signal, number) {
  // Not by koffi, which calls on a stack of its own.
  const { start, call } = require('../fixtures/build/Release/jvm.node');
  const dumps = signal === 'SIGQUIT';
  const library = {
    install(order) {
      const result = start(process.env.JVM_LIBRARY, process.env.JVM_CLASSES);
      if (result !== 0) throw new Error(`JNI_CreateJavaVM: ${result}`);
      // By itself it ends the process, by System.exit.
      if (order === 'ends') call('tellExit', 0);
      else if (!dumps) call('listen', number);
    },
  };
  // A dump of its threads goes to the standard output, where the test counts them.
  if (dumps) library.seen = () => once(process.stdin, 'data');
  else library.effect = () => call('received', number);
  return library;
}

module.exports = { python, ncurses, readline, libevent, go, jvm };
