'use strict';

// The libraries, as Debian ships them: how each is made to install its handlers, and how its own
// effect of a signal is seen. `effect` gives how often the signal has taken effect in it.
const koffi = require('koffi');

const load = (name) => koffi.load(name);

function python() {
  const lib = load('libpython3.11.so.1.0');
  const run = lib.func('int PyRun_SimpleString(const char*)');
  const checkSignals = lib.func('int PyErr_CheckSignals()');
  const matches = lib.func('int PyErr_ExceptionMatches(void*)');
  const clear = lib.func('void PyErr_Clear()');
  const interrupt = koffi.decode(lib.symbol('PyExc_KeyboardInterrupt', 'void*'), 'void*');
  let count = 0;
  return {
    signal: 'SIGINT',
    install() {
      lib.func('void Py_Initialize()')();
      // By itself it takes SIGINT over the default only, and Node has set a handler of its own.
      run('import signal; signal.signal(signal.SIGINT, signal.default_int_handler)');
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

function ncurses() {
  const lib = load('libncursesw.so.6');
  const getch = lib.func('int getch()');
  const KEY_RESIZE = 0o632;
  let count = 0;
  return {
    signal: 'SIGWINCH',
    standsAside: true,
    install() {
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
    },
    effect() {
      for (let key = getch(); key !== -1; key = getch()) if (key === KEY_RESIZE) count++;
      return count;
    },
    end: () => lib.func('int endwin()')(),
  };
}

function readline() {
  // It finds the terminal's functions in whoever has loaded them.
  koffi.load('libtinfo.so.6', { global: true });
  const lib = load('libreadline.so.8');
  const pending = lib.func('int rl_pending_signal()');
  return {
    signal: 'SIGINT',
    install: () => lib.func('int rl_set_signals()')(),
    effect: () => (pending() === 2 ? 1 : 0),
  };
}

function libevent() {
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
    signal: 'SIGUSR2',
    install() {
      base = lib.func('void* event_base_new()')();
      const counted = koffi.register(() => count++, koffi.pointer(Callback));
      event = create(base, 12, EV_SIGNAL | EV_PERSIST, counted, null);
      lib.func('int event_add(void*, void*)')(event, null);
    },
    effect() {
      loop(base, EVLOOP_NONBLOCK);
      return count;
    },
    remove: () => lib.func('int event_del(void*)')(event),
  };
}

function go() {
  let lib;
  let received = () => 0;
  return {
    signal: 'SIGUSR2',
    // Its runtime sets handlers of its own, for faults too, as soon as it is loaded.
    install() {
      lib = load(process.env.GO_LIBRARY);
      lib.func('void Listen(int)')(12);
      received = lib.func('int Received()');
    },
    effect: () => received(),
  };
}

function jvm() {
  // Not by koffi, which calls on a stack of its own.
  const { start } = require('../fixtures/build/Release/jvm.node');
  return {
    signal: 'SIGQUIT',
    install() {
      const result = start(process.env.JVM_LIBRARY);
      if (result !== 0) throw new Error(`JNI_CreateJavaVM: ${result}`);
    },
    // It writes a dump of its threads to the standard output, where the test counts them.
    effect: () => null,
  };
}

module.exports = { python, ncurses, readline, libevent, go, jvm };
