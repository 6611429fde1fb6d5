#include "engine/action.h"

#include <errno.h>
#include <string.h>

#include "engine/signals.h"

namespace sigbridge {

int readAction(int signo, Action* out) { return sigaction(signo, nullptr, out) == 0 ? 0 : errno; }

SB_IN_HANDLER int writeAction(int signo, const Action& action, Action* before) {
  return sigaction(signo, &action, before) == 0 ? 0 : errno;
}

Action defaultAction() {
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
