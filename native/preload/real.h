// The C library's own functions, which ours stand before.
#pragma once

#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "engine/handler/in_handler.h"

namespace sigtrace {

using Action = struct sigaction;
using Handler = void (*)(int);
using SetHandler = Handler (*)(int, Handler);
using ChangeMask = int (*)(int, const sigset_t*, sigset_t*);
using ChangeSignal = int (*)(int);

struct Real {
  int (*sigaction)(int, const Action*, Action*);
  SetHandler signal, bsd_signal, sysv_signal, sigset;
  ChangeSignal sigignore, sighold, sigrelse;
  int (*siginterrupt)(int, int);
  ChangeMask sigprocmask, pthread_sigmask;
  int (*sigaltstack)(const stack_t*, stack_t*);
  void* vfork;
};

extern Real real;

// Also when another library's constructor comes before ours.
void findReal();

SB_IN_HANDLER inline uint64_t bitOf(int signo) { return uint64_t{1} << (signo - 1); }

// The kernel's part of a set; the C library's is longer.
SB_IN_HANDLER inline uint64_t bitsOf(const sigset_t& set) {
  uint64_t bits;
  memcpy(&bits, &set, sizeof bits);
  return bits;
}

}  // namespace sigtrace
