#include "engine/signal/inherited.h"

#include <pthread.h>

#include "engine/signal/action.h"
#include "engine/signal/signals.h"

namespace sigbridge {

namespace {

Observed observe() {
  Observed seen = {0, 0};
  for (int signo = 1; signo <= kLastSignal; signo++) {
    Action action;
    if (readAction(signo, &action) == 0 && isIgnore(action)) seen.ignored |= bitOf(signo);
  }
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  seen.blocked = bitsOf(mask);
  return seen;
}

}  // namespace

const Observed& observed() {
  static const Observed first = observe();
  return first;
}

}  // namespace sigbridge
