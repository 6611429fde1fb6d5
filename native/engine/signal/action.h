// What the kernel holds for one signal: reading, writing and comparing a `struct sigaction`.
#pragma once

#include <signal.h>

#include "engine/handler/in_handler.h"

namespace sigbridge {

using Action = struct sigaction;

// Both return 0 or an errno value. sigaction(2).
SB_IN_HANDLER int readAction(int signo, Action* out);
SB_IN_HANDLER int writeAction(int signo, const Action& action, Action* before = nullptr);

SB_IN_HANDLER Action defaultAction();
Action ignoreAction();

SB_IN_HANDLER inline bool isDefault(const Action& action) { return action.sa_handler == SIG_DFL; }
SB_IN_HANDLER inline bool isIgnore(const Action& action) { return action.sa_handler == SIG_IGN; }
SB_IN_HANDLER inline bool isHandler(const Action& action) {
  return !isDefault(action) && !isIgnore(action);
}

// The code address, whichever of the two handler members is in use (they share storage).
SB_IN_HANDLER inline const void* addressOf(const Action& action) {
  return reinterpret_cast<const void*>(action.sa_handler);
}

// Handler, flags and mask; not the C library's own restorer.
bool sameAction(const Action& a, const Action& b);

}  // namespace sigbridge
