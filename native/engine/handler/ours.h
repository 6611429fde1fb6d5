// Our signal handlers, as the kernel knows them: one for each level of what was installed over us
// (plan.h), and the action that is installed.
#pragma once

#include <signal.h>

#include "engine/handler/in_handler.h"
#include "engine/signal/action.h"
#include "engine/signal/handler_name.h"

namespace sigbridge {

// The action that is installed for a managed signal: SA_SIGINFO, full mask, and
// SA_RESTART, SA_ONSTACK, SA_NOCLDSTOP and SA_NOCLDWAIT as the handler asked for them that it
// stands over; over none, the first two; for a fault always SA_ONSTACK. Over an ignored SIGCHLD, by
// which no child leaves a zombie, SA_NOCLDWAIT (Linux), until libuv starts a child.
SB_IN_HANDLER Action ourActionOver(int signo, const Action& previous, int level);
// Who asked for SA_ONSTACK cannot do without (Go); who did not can, mostly. So one of all that are
// called is enough: `below` is the topmost of them, and `further` another.
SB_IN_HANDLER inline void followOnStack(const Action& further, Action* below) {
  below->sa_flags |= further.sa_flags & SA_ONSTACK;
}
// Over none.
SB_IN_HANDLER Action ourAction(int level = 0);

// Which of them it is; -1 for anybody else's.
SB_IN_HANDLER int levelOf(const Action& action);
SB_IN_HANDLER inline bool isOurs(const Action& action) { return levelOf(action) >= 0; }

}  // namespace sigbridge
