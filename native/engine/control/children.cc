#include "engine/control/children.h"

#include "engine/handler/ours.h"
#include "engine/handler/plan.h"
#include "engine/signal/signals.h"

namespace sigbridge {

// uv__spawn_and_init_child_fork blocks all but what a fault raises; older ones all.
bool isLibuvForking(const sigset_t& mask) {
  sigset_t expected;
  sigfillset(&expected);
  for (const int open : {SIGKILL, SIGSTOP, SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGABRT}) {
    sigdelset(&expected, open);
  }
  return (bitsOf(expected) & ~bitsOf(mask)) == 0;
}

void letChildrenBeAwaited() {
  shared().childrenAwaited.store(true);
  Action standing;
  if (readAction(SIGCHLD, &standing) != 0 || !isOurs(standing)) return;
  if ((standing.sa_flags & SA_NOCLDWAIT) == 0) return;
  standing.sa_flags &= ~SA_NOCLDWAIT;
  Action replaced;
  if (writeAction(SIGCHLD, standing, &replaced) == 0 && !isOurs(replaced)) {
    writeAction(SIGCHLD, replaced);  // somebody has installed in this very moment
  }
}

}  // namespace sigbridge
