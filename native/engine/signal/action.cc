#include "engine/signal/action.h"

#include <errno.h>
#include <string.h>

#include "engine/signal/signals.h"

namespace sigbridge {

namespace {

// What the C library adds when it installs an action: the way back from the handler.
#if defined(SA_RESTORER)
constexpr int kRestorer = SA_RESTORER;
#elif defined(__linux__) && defined(__x86_64__)
constexpr int kRestorer = 0x04000000;  // the kernel's; C libraries hide the name
#else
constexpr int kRestorer = 0;
#endif

// Leaves what somebody has asked for, so that equal actions are equal in every byte: the C library
// gives back a set of 1024 signals, of which the kernel has filled in 64.
SB_IN_HANDLER void tidy(const Action& given, Action* out) {
  memset(out, 0, sizeof *out);
  out->sa_sigaction = given.sa_sigaction;
  out->sa_flags = given.sa_flags & ~kRestorer;
  setOf(bitsOf(given.sa_mask), &out->sa_mask);
}

}  // namespace

SB_IN_HANDLER int readAction(int signo, Action* out) {
  Action standing;
  if (sigaction(signo, nullptr, &standing) != 0) return errno;
  tidy(standing, out);
  return 0;
}

SB_IN_HANDLER int writeAction(int signo, const Action& action, Action* before) {
  Action replaced;
  if (sigaction(signo, &action, &replaced) != 0) return errno;
  if (before != nullptr) tidy(replaced, before);
  return 0;
}

SB_IN_HANDLER Action defaultAction() {
  Action action;
  memset(&action, 0, sizeof action);
  action.sa_handler = SIG_DFL;
  return action;
}

Action ignoreAction() {
  Action action = defaultAction();
  action.sa_handler = SIG_IGN;
  return action;
}

bool sameAction(const Action& a, const Action& b) {
  return addressOf(a) == addressOf(b) && a.sa_flags == b.sa_flags &&
         bitsOf(a.sa_mask) == bitsOf(b.sa_mask);
}

}  // namespace sigbridge
