// A C library of the old kind: it wants to know of every Ctrl+C, so it installs a handler for
// SIGINT and never asks who else is listening.

#include <errno.h>
#include <node_api.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t calls;
static struct sigaction before;

// Only what signal-safety(7) allows: write(2), and errno as it was.
static void clib_on_interrupt(int signo) {
  static const char line[] = "clib: SIGINT seen by the C library\n";
  int error = errno;
  (void)signo;
  calls = calls + 1;
  ssize_t written = write(STDOUT_FILENO, line, sizeof line - 1);
  (void)written;
  errno = error;
}

static void clib_install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = clib_on_interrupt;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before);
}

static void clib_uninstall(void) { sigaction(SIGINT, &before, NULL); }

// From here on: what JavaScript sees of it.

static napi_value install(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  clib_install();
  return NULL;
}

static napi_value uninstall(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  clib_uninstall();
  return NULL;
}

static napi_value count_calls(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value count;
  return napi_create_int32(env, calls, &count) == napi_ok ? count : NULL;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"install", NULL, install, NULL, NULL, NULL, napi_enumerable, NULL},
      {"calls", NULL, count_calls, NULL, NULL, NULL, napi_enumerable, NULL},
      {"uninstall", NULL, uninstall, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  const size_t count = sizeof functions / sizeof functions[0];
  return napi_define_properties(env, exports, count, functions) == napi_ok ? exports : NULL;
}
