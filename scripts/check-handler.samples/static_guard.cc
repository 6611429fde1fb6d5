// expect: static_guard.cc:8: __cxa_guard_acquire is not async-signal-safe [on_signal -> __cxa_guard_acquire]; static_guard.cc:8: __cxa_guard_release is not async-signal-safe [on_signal -> __cxa_guard_release]
#include <unistd.h>

#include "engine/handler/in_handler.h"

// The guard of a static variable is a lock.
SB_HANDLER_ENTRY void on_signal(int) {
  static const int pid = getpid();
  (void)pid;
}
