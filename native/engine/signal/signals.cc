#include "engine/signal/signals.h"

#include <string.h>

namespace sigbridge {

SB_IN_HANDLER DefaultAction defaultActionOf(int signo) {
  switch (signo) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
#if defined(SIGINFO)
    case SIGINFO:
#endif
      return DefaultAction::kIgnore;
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
      return DefaultAction::kStop;
    default:
      return DefaultAction::kTerminate;
  }
}

int firstRealtime() {
#if defined(SIGRTMIN)
  return SIGRTMIN;
#else
  return 0;
#endif
}

int lastRealtime() {
#if defined(SIGRTMAX)
  return SIGRTMAX;
#else
  return 0;
#endif
}

bool isRealtime(int signo) {
  return firstRealtime() != 0 && signo >= firstRealtime() && signo <= lastRealtime();
}

SB_IN_HANDLER bool isFault(int signo) {
  return signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL ||
         signo == SIGTRAP;
}

#if defined(__linux__)

// The first eight bytes of a C library's sigset_t are the kernel's set; sigismember() would hide
// the C library's own two.
SB_IN_HANDLER uint64_t bitsOf(const sigset_t& set) {
  uint64_t bits = 0;
  memcpy(&bits, &set, sizeof bits);
  return bits;
}

SB_IN_HANDLER void setOf(uint64_t bits, sigset_t* set) {
  memset(set, 0, sizeof *set);
  memcpy(set, &bits, sizeof bits);
}

#else

SB_IN_HANDLER uint64_t bitsOf(const sigset_t& set) {
  uint64_t bits = 0;
  for (int signo = 1; signo <= kLastSignal; signo++) {
    if (sigismember(&set, signo) == 1) bits |= bitOf(signo);
  }
  return bits;
}

SB_IN_HANDLER void setOf(uint64_t bits, sigset_t* set) {
  sigemptyset(set);
  for (int signo = 1; signo <= kLastSignal; signo++) {
    if ((bits & bitOf(signo)) != 0) sigaddset(set, signo);
  }
}

#endif

}  // namespace sigbridge
